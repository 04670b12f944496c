// The live list of requests: the newest thousand in memory, of which a window is drawn.
import { control, parse } from './api.js'
import { brief, lines } from './changes.js'
import { button, clock, duration, el, empty, head, replace, trying } from './dom.js'
import { on } from './live.js'
import { hash } from './routes.js'
import { shown } from './tree.js'
import { Window } from './window.js'

const kept = 1000

/** What the page knows of the requests, the newest first. */
export const log = {
  rows: [],
  listeners: new Set(),
  changed(listener) {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  },
  tell() { for (const listener of this.listeners) listener() },
  // add takes a row in the order in which requests came; the answer of an earlier one may come later.
  add(row) {
    const at = this.rows.findIndex((other) => other.seq <= row.seq)
    const known = at >= 0 && this.rows[at].seq === row.seq
    this.rows.splice(at < 0 ? this.rows.length : at, known ? 1 : 0, light(row))
    if (this.rows.length > kept) this.rows.length = kept
    this.tell()
  },
  async load() {
    const before = new Set(this.rows)
    const { requests } = await control('GET', 'requests?brief')
    const newest = requests.at(-1)?.seq ?? 0
    // Rows from before that are not in the answer are gone: an emulator that starts again counts from 1.
    const since = this.rows.filter((row) => row.seq > newest && !before.has(row))
    this.rows = [...since, ...requests.reverse().map(light)].slice(0, kept)
    this.tell()
  },
}

// light keeps of a row what the list shows: values of metadata can be large.
function light(row) {
  const { seq, time, duration_ms, api, operation, method, path, status, changes = [], more_changes: more = 0 } = row
  const first = changes.slice(0, 1).map(({ sign, path: at, kind }) => ({ sign, path: at, kind }))
  return { seq, time, duration_ms, api, operation, method, path, status, changes: first, more: more + changes.length - first.length }
}

on('request', (row) => log.add(row))
on('reload', () => trying(() => log.load()))

const answer = (row) => row.status === 0 ? 'dropped' : String(row.status)
const level = (row) => row.status === 0 ? 'dropped' : `${Math.floor(row.status / 100)}xx`

/** Describes the newest request in one line. */
export function summary(link) {
  const row = log.rows[0]
  link.href = row ? hash('requests', row.seq) : hash('requests')
  replace(link, row ? [el('b', { class: 'method' }, row.method), ' ', el('span', { class: 'path' }, row.path), ' ', el('b', { class: 'status', 'data-level': level(row) }, answer(row)), ' ', duration(row.duration_ms)] : 'no request yet')
}

// matches reports whether a row has every word of a filter. 4xx is a class of statuses.
function matches(row, words, writes) {
  if (writes && (row.method === 'GET' || row.method === 'HEAD')) return false
  const text = `${row.method} ${row.path} ${row.operation} ${answer(row)} ${level(row)} ${row.api}`.toLowerCase()
  return words.every((word) => text.includes(word))
}

/** Shows the requests. */
export function requests(main, first) {
  let id = first.id
  let paused // the rows of the moment, while the list stands still
  let rows = []
  const filter = el('input', { type: 'search', placeholder: 'Filter: PATCH 4xx /users', 'aria-label': 'Filter the requests', 'data-search': '' })
  const writes = el('input', { type: 'checkbox' })
  const count = el('span', { class: 'count' })
  const pause = button('Pause', toggle, { 'aria-pressed': 'false', title: 'p' })
  const clear = button('Clear', () => trying(async () => {
    await control('DELETE', 'requests')
    log.rows = []
    paused = paused && []
    log.tell()
  }))
  const list = new Window({ label: 'Requests', draw, choose: (row) => { location.hash = hash('requests', row.seq) } })
  const detail = el('section', { class: 'detail', 'aria-label': 'One request' })
  const nothing = empty('No request.')
  const split = el('div', { class: 'split' },
    el('section', { class: 'master' }, head('Requests', count, filter, el('label', {}, writes, ' Writes'), pause, clear), nothing, list.element), detail)
  replace(main, split)
  filter.addEventListener('input', show)
  writes.addEventListener('input', show)

  function toggle() {
    paused = paused ? undefined : [...log.rows]
    pause.setAttribute('aria-pressed', String(Boolean(paused)))
    show()
  }

  function show() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean)
    const all = paused ?? log.rows
    rows = all.filter((row) => matches(row, words, writes.checked))
    const missed = paused ? log.rows.findIndex((row) => row.seq === paused[0]?.seq) : 0
    count.textContent = rows.length === all.length ? String(all.length) : `${rows.length} of ${all.length}`
    pause.textContent = paused ? `Continue${missed > 0 ? ` (${missed} new)` : missed < 0 ? ` (${log.rows.length} new)` : ''}` : 'Pause'
    nothing.hidden = rows.length > 0
    nothing.textContent = all.length > 0 ? 'No request matches the filter.' : 'No request yet. Each one that the emulator answers appears here.'
    list.show(rows, id)
  }

  function draw(row) {
    return [
      el('time', {}, clock(row.time)),
      el('b', { class: 'method' }, row.method),
      el('span', { class: 'what' }, el('span', { class: 'path' }, row.path), el('span', { class: 'brief' }, brief(row.changes, row.more))),
      el('b', { class: 'status', 'data-level': level(row) }, answer(row)),
      el('span', { class: 'took' }, duration(row.duration_ms)),
    ]
  }

  async function open() {
    split.toggleAttribute('data-open', Boolean(id))
    list.show(rows, id)
    if (!id) {
      replace(detail, empty('Choose a request.'))
      return
    }
    const wanted = id
    const row = await trying(() => control('GET', `requests?seq=${encodeURIComponent(id)}`))
    if (wanted === id && row) replace(detail, one(row))
  }

  const end = log.changed(show)
  show()
  open()
  return {
    follow(next) {
      id = next.id
      open()
    },
    pause: toggle,
    close() { if (id) location.hash = hash('requests') },
    leave: end,
  }
}

// one shows a whole request. Bodies can be long and private, so a click opens them.
function one(row) {
  const query = new URLSearchParams(Object.entries(row.query ?? {}).flatMap(([name, values]) => values.map((v) => [name, v])))
  const fact = (name, value) => value !== '' && value !== undefined && [el('dt', {}, name), el('dd', {}, value)]
  return el('div', {},
    el('a', { class: 'back', href: hash('requests') }, 'Back'),
    el('div', { class: 'head' }, el('h3', { class: 'request' }, el('b', { class: 'method' }, row.method), ' ', el('code', {}, row.path))),
    el('dl', { class: 'facts' },
      fact('Status', el('b', { class: 'status', 'data-level': level(row) }, answer(row))),
      fact('Took', duration(row.duration_ms)),
      fact('Time', row.time),
      fact('Operation', row.operation || 'none of Clerk’s'),
      fact('Credential', row.credential || 'none'),
      query.size > 0 && fact('Query', el('code', {}, query.toString()))),
    row.changes?.length > 0 && el('section', {}, el('h4', {}, 'Changes'), lines(row.changes),
      row.more_changes > 0 && el('p', { class: 'empty' }, `and ${row.more_changes} more`)),
    content(row),
    el('details', {}, el('summary', {}, 'Headers'),
      el('dl', { class: 'facts' }, Object.entries(row.header ?? {}).map(([name, values]) => fact(name, values.join(', '))))))
}

function content(row) {
  if (row.body_base64) return el('p', { class: 'empty' }, 'The body is not text.')
  if (!row.body) return el('p', { class: 'empty' }, 'No body.')
  const details = el('details', {}, el('summary', {}, `Body, ${row.body.length.toLocaleString('en')} characters`))
  details.addEventListener('toggle', () => {
    if (details.open && details.children.length === 1) details.append(body(row.body))
  })
  return details
}

/** A body as a tree if it is JSON. */
export function body(text) {
  try {
    return shown(parse(text), 'body')
  } catch {
    return el('pre', {}, text)
  }
}
