// The questions about Clerk that its documents leave open, and which answer the emulator gives.
import { control } from './api.js'
import { button, el, head, replace, trying } from './dom.js'
import { on } from './live.js'

/** Shows the guesses with their switches. */
export function guesses(main) {
  const table = el('tbody')
  let all = []
  const put = (answers) => trying(async () => draw(await control('PUT', 'guesses', answers)))
  const every = (which) => () => put(Object.fromEntries(all.map((guess) => [guess.name, guess[which]])))

  function draw({ guesses: now }) {
    all = now
    replace(table, all.map((guess) => {
      const kinds = guess.strict === guess.lenient ? ['default'] : ['default', 'strict', 'lenient']
      const note = (answer) => kinds.filter((which) => guess[which] === answer).join(', ')
      const choice = el('select', { 'aria-label': guess.name, 'data-key': guess.name, change: ({ target }) => put({ [guess.name]: target.value }) },
        [guess.default, ...guess.alternatives].map((answer) => el('option', { value: answer, selected: answer === guess.answer }, note(answer) ? `${answer} (${note(answer)})` : answer)))
      return el('tr', { class: guess.answer !== guess.default && 'switched' },
        el('th', { scope: 'row' }, guess.name), el('td', {}, guess.question), el('td', {}, choice))
    }))
  }

  const load = () => trying(async () => draw(await control('GET', 'guesses')))
  replace(main, el('div', { class: 'page' },
    head('Guesses', button('Defaults', every('default')), button('Strict', every('strict')), button('Lenient', every('lenient'))),
    el('p', { class: 'lead' }, 'What Clerk’s documents leave open, the emulator guesses. Strict answers find most mistakes of a client, lenient ones let most pass.'),
    el('table', { class: 'guesses' }, el('thead', {}, el('tr', {}, ['Guess', 'Question', 'Answer'].map((title) => el('th', { scope: 'col' }, title)))), table)))
  const ends = [on('guesses', load), on('reload', load)]
  load()
  return { leave() { for (const end of ends) end() } }
}
