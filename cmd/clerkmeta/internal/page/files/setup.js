// The seed, which is the state in a file, the way back to the start, and the environment of clients.
import { control, environment, load } from './api.js'
import { button, copier, el, head, replace, say, trying } from './dom.js'

/** Shows both. */
export function setup(main) {
  const exports = el('pre', { class: 'code', tabindex: '0' })
  const problem = el('p', { class: 'notice fault', role: 'alert', hidden: true })
  const file = el('input', { type: 'file', accept: '.json,application/json', 'aria-label': 'Seed to load', change: take })
  const dialog = el('dialog', { 'aria-labelledby': 'reset-title' },
    el('h2', { id: 'reset-title' }, 'Reset the emulator?'),
    el('p', {}, 'The state becomes that of the start. Requests and scripted faults are forgotten.'),
    el('form', { method: 'dialog' }, button('Reset', reset, { class: 'danger' }), el('button', {}, 'Cancel')))

  async function reset() {
    dialog.close()
    await trying(async () => {
      await control('POST', 'reset')
      say('The emulator is as at its start.')
    })
  }

  async function take() {
    const [chosen] = file.files
    if (!chosen) return
    problem.hidden = true
    try {
      await load(await chosen.text())
      say(`${chosen.name} is loaded.`)
      await draw()
    } catch (err) {
      problem.textContent = `${chosen.name}: ${err.message}`
      problem.hidden = false
    }
    file.value = '' // the same file can be chosen again
  }

  const draw = () => trying(async () => {
    exports.textContent = Object.entries(await environment()).map(([name, value]) => `export ${name}=${value}`).join('\n')
  })
  replace(main, el('div', { class: 'page' },
    head('Environment', copier(() => exports.textContent)),
    el('p', { class: 'lead' }, 'Clients of Clerk in any language read these variables. The key is made up and belongs to this emulator.'),
    exports,
    el('h2', {}, 'Seed'),
    el('p', { class: 'lead' }, 'A seed is the whole state in one file: private metadata and the emulator’s own key, too. What was saved can be loaded here or with --seed.'),
    el('div', { class: 'actions' },
      el('a', { class: 'button', href: '/_emulator/state', download: 'seed.json' }, 'Save the seed'),
      el('label', { class: 'button' }, 'Load a seed', file),
      button('Reset', () => dialog.showModal(), { class: 'danger' })),
    problem, dialog))
  draw()
  return {}
}
