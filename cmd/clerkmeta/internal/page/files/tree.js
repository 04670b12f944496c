// Shows a JSON value as a tree, and lets it be edited in place. Editing changes a draft; nothing is sent.
import { isContainer, parse } from './api.js'
import { button, el, replace } from './dom.js'

const shownAtOnce = 100
const key = (path) => JSON.stringify(path)
const text = (value) => JSON.stringify(value)

export const same = (a, b) => {
  if (!isContainer(a) || !isContainer(b)) return text(a) === text(b)
  const keys = Object.keys(a)
  return Array.isArray(a) === Array.isArray(b) && keys.length === Object.keys(b).length &&
    keys.every((k) => Object.hasOwn(b, k) && same(a[k], b[k]))
}

// What was typed is JSON, or else a string, as in the command's --set.
function typed(entered) {
  try {
    return parse(entered)
  } catch {
    return entered
  }
}

const kindOf = (value) => value === null ? 'null' : Array.isArray(value) ? 'array' : isContainer(value) ? 'object' : typeof value === 'object' ? 'number' : typeof value

// put returns a copy with a value at a path; undefined removes it.
function put(value, [step, ...rest], wanted) {
  if (step === undefined) return wanted
  const now = rest.length > 0 ? put(value[step], rest, wanted) : wanted
  if (Array.isArray(value)) return now === undefined ? value.toSpliced(step, 1) : Object.assign([...value], { [step]: now })
  if (now !== undefined) return { ...value, [step]: now } // a computed name is data, "__proto__" too
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== step))
}

export class Tree {
  /** A tree of a value. With onchange it can be edited; private ones hide their values until a click. */
  constructor({ value, label, onchange, hidden = false }) {
    this.was = this.value = value
    this.label = label
    this.onchange = onchange
    this.shut = new Set()
    this.whole = new Set()
    this.revealed = new Set(hidden ? [] : [key([])])
    this.element = el('div', { class: 'tree', role: 'group', 'aria-label': label, keydown: (event) => this.press(event) })
    this.render()
  }

  get changed() { return !same(this.was, this.value) }

  // open reports whether something is being typed.
  get open() { return this.editing !== undefined || this.adding !== undefined }

  discard() {
    this.value = this.was
    this.editing = this.adding = undefined
    this.render()
  }

  render() {
    replace(this.element, this.revealed.has(key([])) ? this.members([], this.value, this.was) : this.veil([]))
  }

  veil(path) {
    return button('•••••• show', () => {
      this.revealed.add(key(path))
      this.render()
      this.element.querySelector('.value')?.focus()
    }, { class: 'veil', 'aria-label': `Show the private values of ${path.at(-1) ?? this.label}` })
  }

  // members is the list of what an object or an array holds, with what the draft removes.
  members(path, value, was) {
    const removed = isContainer(was) && !Array.isArray(was) && this.onchange ? Object.keys(was).filter((k) => !Object.hasOwn(value, k)) : []
    const keys = Object.keys(value)
    const most = this.whole.has(key(path)) ? keys.length : shownAtOnce
    return el('ul', {},
      keys.slice(0, most).map((k) => this.row([...path, Array.isArray(value) ? Number(k) : k], value[k], isContainer(was) && Object.hasOwn(was, k) ? was[k] : undefined)),
      removed.map((k) => this.gone([...path, k], was[k])),
      keys.length > most && el('li', {}, button(`${keys.length - most} more`, () => { this.whole.add(key(path)); this.render() }, { class: 'quiet' })),
      this.onchange && this.adder(path, value),
      keys.length + removed.length === 0 && !this.onchange && el('li', { class: 'none' }, 'empty'))
  }

  row(path, value, was) {
    const sign = !this.onchange || same(value, was) ? '' : was === undefined ? '+' : '~'
    const name = el('span', { class: 'key' }, String(path.at(-1)))
    if (path.at(-1) === 'private_metadata' && !this.revealed.has(key(path))) return el('li', {}, name, this.veil(path))
    if (this.editing === key(path)) return el('li', { 'data-sign': sign }, name, this.editor(path, value))
    const shut = this.shut.has(key(path))
    const holds = isContainer(value) && Object.keys(value).length > 0
    const toggle = isContainer(value) && holds && button(shut ? '▸' : '▾', () => {
      if (!this.shut.delete(key(path))) this.shut.add(key(path))
      this.render()
    }, { class: 'toggle', 'aria-expanded': String(!shut), 'aria-label': `Members of ${path.at(-1)}`, 'data-key': `toggle${key(path)}` })
    return el('li', { 'data-sign': sign },
      toggle, name, this.leaf(path, value, holds),
      this.onchange && button('×', () => this.set(path, undefined), { class: 'tool remove', 'aria-label': `Remove ${path.at(-1)}`, 'data-key': `remove${key(path)}` }),
      this.onchange && isContainer(value) && button('+', () => this.add(path), { class: 'tool', 'aria-label': `Add to ${path.join('.')}`, 'data-key': `add${key(path)}` }),
      (holds || this.adding === key(path)) && !shut && this.members(path, value, was))
  }

  add(path) {
    this.adding = key(path)
    this.editing = undefined
    this.shut.delete(key(path))
    this.render()
    this.element.querySelector('.edit input')?.focus()
  }

  leaf(path, value, holds) {
    const kind = kindOf(value)
    const size = isContainer(value) ? Object.keys(value).length : 0
    const shown = holds ? (kind === 'array' ? `[${size}]` : `{${size}}`) : text(value)
    if (!this.onchange) return el('span', { class: `value ${kind}` }, shown)
    return button(shown, () => {
      this.editing = key(path)
      this.adding = undefined
      this.render()
    }, { class: `value ${kind}`, 'data-key': key(path), 'aria-label': `Edit ${path.join('.')}: ${shown}` })
  }

  gone(path, was) {
    return el('li', { 'data-sign': '-' }, el('span', { class: 'key' }, path.at(-1)), el('span', { class: 'value' }, isContainer(was) ? '…' : text(was)),
      button('Restore', () => this.set(path, was), { class: 'quiet', 'data-key': `restore${key(path)}` }))
  }

  editor(path, value) {
    const long = isContainer(value) || text(value).length > 60
    const field = el(long ? 'textarea' : 'input', { 'aria-label': `Value of ${path.join('.')}, JSON or text`, spellcheck: 'false', autocomplete: 'off', rows: long && '6', 'data-key': `edit${key(path)}` })
    field.value = long ? JSON.stringify(value, null, 2) : text(value)
    const hint = el('span', { class: 'hint' })
    // A whole object is JSON, since a slip in it would make it a string.
    const read = isContainer(value) ? parse : typed
    const update = () => {
      try {
        hint.textContent = kindOf(read(field.value))
      } catch {
        hint.textContent = 'not valid JSON'
      }
    }
    field.addEventListener('input', update)
    update()
    const take = () => {
      update()
      if (hint.textContent === 'not valid JSON') return
      this.editing = undefined
      this.set(path, read(field.value))
    }
    const leave = () => {
      this.editing = undefined
      this.render()
      this.focus(key(path))
      this.onchange()
    }
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') leave()
      else if (event.key === 'Enter' && !event.shiftKey) take() // with Ctrl, too: what is sent is shown first
      else return
      event.preventDefault()
      event.stopPropagation()
    })
    requestAnimationFrame(() => { field.focus(); field.select() })
    return el('span', { class: 'edit' }, field, hint, button('OK', take, { class: 'quiet' }), button('Cancel', leave, { class: 'quiet' }))
  }

  adder(path, value) {
    const place = `add${key(path)}`
    if (this.adding !== key(path)) return path.length === 0 && el('li', { class: 'adder' }, button('+ key', () => this.add(path), { class: 'quiet', 'data-key': place, 'aria-label': `Add a key to ${this.label}` }))
    const name = !Array.isArray(value) && el('input', { 'aria-label': 'Key', placeholder: 'key', class: 'name', autocomplete: 'off', spellcheck: 'false' })
    const field = el('input', { 'aria-label': 'Value, JSON or text', placeholder: 'value', autocomplete: 'off', spellcheck: 'false' })
    const take = (event) => {
      event.preventDefault()
      this.adding = undefined
      this.set([...path, name ? name.value : value.length], typed(field.value))
    }
    const leave = () => {
      this.adding = undefined
      this.render()
      this.focus(place)
      this.onchange()
    }
    return el('li', { class: 'adder' }, el('form', {
      class: 'edit', submit: take,
      keydown: (event) => { if (event.key === 'Escape') { event.stopPropagation(); leave() } },
    }, name, field, el('button', { class: 'quiet' }, 'Add'), button('Cancel', leave, { class: 'quiet' })))
  }

  set(path, value) {
    this.value = put(this.value, path, value)
    this.render()
    this.focus(value === undefined ? `restore${key(path)}` : key(path))
    this.onchange()
  }

  focus(place) { (this.element.querySelector(`[data-key="${CSS.escape(place)}"]`) ?? this.element.querySelector('button'))?.focus() }

  // press moves between values, and removes the one in focus.
  press(event) {
    const values = [...this.element.querySelectorAll('button.value, .adder > button')]
    const at = values.indexOf(document.activeElement)
    if (at < 0) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) values[at + step]?.focus()
    else if (event.key === 'Delete' && values[at].classList.contains('value')) this.set(JSON.parse(values[at].dataset.key), undefined)
    else return
    event.preventDefault()
  }
}

/** A value that is only read: a tree, or the text of a scalar. */
export const shown = (value, label) => isContainer(value) ? new Tree({ value, label }).element : el('pre', {}, text(value))
