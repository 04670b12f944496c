// One entity: its metadata, edited in place, and what an edit sends before it is sent.
import { Refusal, backend, canEdit, control } from './api.js'
import { lines } from './changes.js'
import { button, el, replace, say } from './dom.js'
import { hash } from './routes.js'
import { Tree, same, shown } from './tree.js'

export class Detail {
  constructor(kind, row, back) {
    this.kind = kind
    this.id = row.id
    this.row = row
    this.trees = {}
    this.asked = 0
    this.sheet = el('div', { class: 'sheet', role: 'region', 'aria-label': 'What will be sent', hidden: true })
    this.body = el('div', { class: 'fields' })
    const related = Object.entries(kind.related(row)).map(([text, [view, query]]) => el('a', { href: hash(view, '', { q: query }) }, text))
    this.element = el('div', {},
      el('a', { class: 'back', href: back() }, 'Back'),
      el('div', { class: 'head' }, el('h3', {}, kind.name(row)), el('code', { class: 'id' }, row.id)),
      el('p', { class: 'related' }, related),
      this.body, this.sheet)
    this.draw()
  }

  draw() {
    this.drawn = this.row
    this.trees = {}
    const sections = (this.kind.fields ?? []).map((field) => {
      const tree = new Tree({
        value: this.row[field] ?? {}, label: field, hidden: field === 'private_metadata',
        onchange: canEdit ? () => this.preview() : undefined,
      })
      this.trees[field] = tree
      const title = field.replace('_metadata', '')
      return el('section', { class: 'field' }, el('h4', {}, title, el('small', {}, ' metadata')), tree.element)
    })
    const rest = Object.fromEntries(Object.entries(this.row).filter(([name]) => !this.trees[name]))
    const whole = el('details', { class: 'whole', open: !this.kind.fields }, el('summary', {}, this.kind.fields ? 'Everything else that Clerk answers' : 'What Clerk answers'),
      new Tree({ value: rest, label: `The ${this.kind.one} as Clerk answers it` }).element)
    replace(this.body,
      !canEdit && this.kind.fields && el('p', { class: 'notice' }, 'This browser rounds large numbers, so nothing can be edited here. A newer one keeps them.'),
      sections, whole)
  }

  get drafts() { return Object.entries(this.trees).filter(([, tree]) => tree.changed) }

  // refresh takes what is stored now. A draft stays; it will be sent as the difference to what was read.
  refresh(row) {
    if (same(row, this.row)) return
    this.row = row
    if (!this.sending) this.preview()
  }

  // preview asks what the drafts come to, by the rules of the command. Without a draft it shows what is stored,
  // unless something is being typed.
  async preview() {
    const turn = ++this.asked
    const drafts = this.drafts
    this.request = undefined
    if (drafts.length === 0) {
      this.sheet.hidden = true
      if (this.drawn !== this.row && !Object.values(this.trees).some((tree) => tree.open)) this.draw()
      return
    }
    const fields = Object.fromEntries(drafts.map(([field, tree]) => [field, { was: tree.was, now: tree.value }]))
    let answer
    try {
      answer = await control('POST', 'preview', { kind: this.kind.one, fields })
    } catch (err) {
      answer = { error: err.message, changes: [] }
    }
    if (turn !== this.asked) return
    const stale = drafts.some(([field, tree]) => !same(tree.was, this.row[field] ?? {}))
    this.request = answer.error || answer.changes.length === 0 ? undefined : answer
    this.sheet.hidden = false
    replace(this.sheet,
      el('h4', {}, 'What will be sent'),
      answer.error ? el('p', { class: 'notice fault' }, answer.error) : [
        el('p', { class: 'request' }, el('b', { class: 'method' }, answer.method), ' ', el('code', {}, this.kind.path(this.row))),
        this.request ? lines(answer.changes, true) : el('p', { class: 'notice' }, 'Nothing: the values are the same.'),
        el('details', {}, el('summary', {}, 'Body'), shown(answer.body, 'body')),
      ],
      stale && el('p', { class: 'notice' }, 'What is stored has changed meanwhile. ', answer.method === 'PUT' ? 'Sending replaces it.' : 'Sending changes only what is listed.'),
      el('p', { class: 'outcome', role: 'status' }),
      el('div', { class: 'actions' },
        button(['Send', el('kbd', {}, 'Ctrl ↵')], () => this.send(), { class: 'primary', disabled: !this.request, 'data-key': 'send' }),
        button('Discard', () => this.discard(), { 'data-key': 'discard' })))
    this.sheet.scrollIntoView({ block: 'nearest' })
  }

  discard() {
    for (const tree of Object.values(this.trees)) tree.discard()
    this.sheet.hidden = true
    this.draw()
    this.body.querySelector('.value')?.focus()
  }

  async send() {
    const request = this.request
    if (!request) return
    this.request = undefined // one press sends once
    this.sending = true
    this.body.inert = this.sheet.inert = true // an edit made before the answer comes would be lost
    try {
      const answer = await backend(request.method, this.kind.path(this.row), request.body)
      for (const field of this.kind.fields) this.row = { ...this.row, [field]: answer[field] }
      const shut = Object.entries(this.trees).filter(([, tree]) => !tree.revealed.has('[]')).map(([field]) => field)
      this.sheet.hidden = true
      this.draw()
      for (const [field, tree] of Object.entries(this.trees)) if (!shut.includes(field)) tree.revealed.add('[]') && tree.render()
      this.body.querySelector('.value')?.focus()
      say('Stored.')
    } catch (err) {
      if (!(err instanceof Refusal)) throw err
      this.request = request
      this.sheet.querySelector('.outcome').textContent = err.message
    } finally {
      this.sending = false
      this.body.inert = this.sheet.inert = false
    }
  }
}
