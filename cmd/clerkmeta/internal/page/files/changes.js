// The lines of a difference, as the command prints them: + is added, - is removed, ~ is changed.
import { button, el } from './dom.js'

const text = (value) => JSON.stringify(value)
const isPrivate = (path) => /^private_metadata(\b|$)/.test(path)

function values({ sign, from, to, kind, id }) {
  if (from === undefined && to === undefined) return `${kind} ${id}`
  if (sign === '+') return text(to)
  if (sign === '-') return text(from)
  return `${text(from)} → ${text(to)}`
}

const sign = (change) => el('b', { class: 'sign', 'data-sign': change.sign }, change.sign === '-' ? '−' : change.sign)

/** All lines. Private values hide until a click, unless they were revealed before. */
export function lines(changes, revealed = false) {
  return el('ul', { class: 'changes' }, changes.map((change) => {
    const value = el('span', { class: 'values' }, values(change))
    const veil = button('•••••• show', () => veil.replaceWith(value), { class: 'veil', 'aria-label': `Show the private value of ${change.path}` })
    return el('li', {}, sign(change), ' ', change.path && el('code', {}, change.path), ' ', isPrivate(change.path) && !revealed ? veil : value)
  }))
}

/** What fits a row: paths without values, and how many more there are. */
export const brief = (changes, more) => [
  changes.map((change) => el('span', { class: 'change' }, sign(change), change.path.replace(/^(public|private|unsafe)_metadata\./, '') || change.kind)),
  more > 0 && el('span', { class: 'change' }, `and ${more} more`),
]
