// A list of which only the rows in sight are elements.
import { el, picks } from './dom.js'

const rowHeight = 32 // as in the style sheet
const beyond = 8

export class Window {
  constructor({ label, draw, choose }) {
    this.draw = draw
    this.choose = choose
    this.rows = []
    this.space = el('div', { class: 'space' })
    this.element = el('div', {
      class: 'window', role: 'listbox', tabindex: '0', 'aria-label': label,
      scroll: () => this.later(), keydown: (event) => this.press(event),
    }, this.space)
    picks(this.element, 'seq', (seq) => this.pick(seq))
    new ResizeObserver(() => this.later()).observe(this.element)
  }

  /** Shows rows, the newest first, and which is open. What is in sight stays in sight when newer ones come. */
  show(rows, open) {
    const seen = this.element.scrollTop > 0 ? this.rows[Math.floor(this.element.scrollTop / rowHeight)]?.seq : undefined
    const before = this.rows.findIndex((row) => row.seq === seen)
    const after = seen === undefined ? -1 : rows.findIndex((row) => row.seq === seen)
    this.rows = rows
    const moved = String(open ?? '') !== this.open
    this.open = String(open ?? '')
    this.space.style.height = `${rows.length * rowHeight}px`
    if (before >= 0 && after >= 0 && after !== before) this.element.scrollTop += (after - before) * rowHeight
    if (moved) this.reach()
    this.later()
  }

  at() { return this.rows.findIndex((row) => String(row.seq) === this.open) }

  reach() {
    const top = this.at() * rowHeight
    const { scrollTop, clientHeight } = this.element
    if (top < 0) return
    if (top < scrollTop) this.element.scrollTop = top
    else if (top + rowHeight > scrollTop + clientHeight) this.element.scrollTop = top + rowHeight - clientHeight
  }

  // later draws once for all that happens before the next frame.
  later() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined
      this.render()
    })
  }

  render() {
    const first = Math.max(0, Math.floor(this.element.scrollTop / rowHeight) - beyond)
    const last = Math.min(this.rows.length, Math.ceil((this.element.scrollTop + this.element.clientHeight) / rowHeight) + beyond)
    this.space.replaceChildren(...this.rows.slice(first, last).map((row, i) => {
      const open = String(row.seq) === this.open
      const option = el('div', {
        class: 'row', role: 'option', id: `row-${row.seq}`, 'data-seq': row.seq, 'aria-selected': String(open),
        'aria-posinset': first + i + 1, 'aria-setsize': this.rows.length,
      }, this.draw(row))
      option.style.transform = `translateY(${(first + i) * rowHeight}px)`
      return option
    }))
    if (this.open) this.element.setAttribute('aria-activedescendant', `row-${this.open}`)
    else this.element.removeAttribute('aria-activedescendant')
  }

  pick(seq) {
    const row = this.rows.find((r) => String(r.seq) === seq)
    if (row) this.choose(row)
  }

  press(event) {
    const at = this.at()
    const most = this.rows.length - 1
    const next = { ArrowDown: at + 1, ArrowUp: Math.max(0, at - 1), Home: 0, End: most, PageDown: at + 10, PageUp: Math.max(0, at - 10) }[event.key]
    if (next === undefined || most < 0) return
    event.preventDefault()
    this.choose(this.rows[Math.min(next, most)])
  }
}
