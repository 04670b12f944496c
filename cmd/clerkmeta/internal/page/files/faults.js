// Scripts what the next requests of an operation meet, and shows what is left of it.
import { control } from './api.js'
import { button, copier, el, empty, head, replace, trying } from './dom.js'
import { on } from './live.js'

const number = (name, text, value, most) => ({ name, text, value, most })
const code = { 429: 'too_many_requests', 500: 'internal_clerk_error' }

// Each has the inputs that it takes and the fault that they make.
const choices = {
  '429 Too Many Requests': { inputs: [number('wait', 'Retry-After, seconds', 1, 3600)], fault: ({ wait }) => ({ status: 429, code: code[429], retry_after: wait }) },
  '500 Internal Server Error': { inputs: [], fault: () => ({ status: 500, code: code[500] }) },
  'Another status': { inputs: [number('status', 'Status', 503, 599)], fault: ({ status }) => ({ status, code: code[status] ?? 'service_unavailable' }) },
  'Drop before it is applied': { inputs: [], fault: () => ({ drop: true }) },
  'Drop after it was applied': { inputs: [], fault: () => ({ drop: true, applied: true }) },
  'Slow answer': { inputs: [number('wait', 'Wait, milliseconds', 3000, 3600000)], fault: ({ wait }) => ({ slow_headers_ms: wait }) },
  'Slow body': { inputs: [number('wait', 'Wait, milliseconds', 3000, 3600000)], fault: ({ wait }) => ({ slow_body_ms: wait }) },
  'Cut the body short': { inputs: [], fault: () => ({ truncate: true }) },
  'Let it pass': { inputs: [], fault: () => ({}) },
}

/** Describes a fault in few words. */
function describe(fault) {
  const { status, applied, drop, truncate, endless_body: endless, retry_after: wait, slow_headers_ms: head, slow_body_ms: body, header } = fault
  const parts = [
    status && `answer ${status}`, drop && 'drop the connection', applied && 'after it was applied', truncate && 'cut the body short',
    endless && 'a body without end', wait !== undefined && `Retry-After ${wait} s`, head && `wait ${head} ms`,
    body && `wait ${body} ms in the body`, header && `header ${Object.keys(header).join(', ')}`,
  ].filter(Boolean)
  return parts.join(', ') || 'pass'
}

/** Shows the form and what is left. */
export function faults(main) {
  const operation = el('input', { list: 'operations', 'aria-label': 'Operation', placeholder: '* for any', autocomplete: 'off', 'data-search': '' })
  operation.value = '*'
  const known = el('datalist', { id: 'operations' })
  const kind = el('select', { 'aria-label': 'Fault' }, Object.keys(choices).map((name) => el('option', {}, name)))
  const times = el('input', { type: 'number', min: '1', max: '1000', 'aria-label': 'Requests' })
  times.value = '1'
  const inputs = el('span', { class: 'inputs' })
  const text = el('pre', { class: 'code' })
  const left = el('div')
  const script = () => {
    const values = Object.fromEntries([...inputs.querySelectorAll('input')].map((input) => [input.name, input.valueAsNumber]))
    const fault = choices[kind.value].fault(values)
    return { operation: operation.value.trim(), faults: Array.from({ length: Math.min(1000, times.valueAsNumber || 1) }, () => fault) }
  }
  const command = () => `curl ${location.origin}/_emulator/faults -d '${JSON.stringify(script())}'`
  const form = el('form', {
    class: 'form', input: describeScript,
    submit: (event) => {
      event.preventDefault()
      trying(async () => draw(await control('POST', 'faults', script())))
    },
  },
  el('label', {}, 'Operation', operation, known),
  el('label', {}, 'What happens', kind), inputs,
  el('label', {}, 'To the next requests', times),
  el('button', { class: 'primary' }, 'Script'))
  kind.addEventListener('change', choose)

  function choose() {
    replace(inputs, choices[kind.value].inputs.map(({ name, text: title, value, most }) => {
      const input = el('input', { type: 'number', name, min: '0', max: String(most), required: true })
      input.value = value
      return el('label', {}, title, input)
    }))
    describeScript()
  }

  function describeScript() { text.textContent = command() }

  function draw({ left: scripts }) {
    const rows = scripts.flatMap(({ operation: name, faults: all }) => all.map((fault) => [name === '*' ? 'any operation' : name, describe(fault)]))
    const shown = rows.slice(0, 200)
    replace(left, rows.length === 0 ? empty('No fault is left: every request is answered as Clerk would.') : [
      el('ol', { class: 'queue' }, shown.map(([name, what]) => el('li', {}, el('code', {}, name), ' ', el('span', {}, what)))),
      rows.length > shown.length && empty(`and ${rows.length - shown.length} more`),
      button('Remove all', () => trying(async () => draw(await control('DELETE', 'faults')))),
    ])
  }

  const load = () => trying(async () => draw(await control('GET', 'faults')))
  replace(main, el('div', { class: 'page' },
    head('Faults'), el('p', { class: 'lead' }, 'Each of the next requests of an operation meets one fault, first in, first out. The page’s own edits do, too.'),
    form,
    el('details', {}, el('summary', {}, 'The same from a shell'), text, copier(command)),
    el('h3', {}, 'Left'), left))
  choose()
  trying(async () => {
    const { operations } = await control('GET', 'operations')
    replace(known, el('option', { value: '*' }, 'any operation'), operations.filter((o) => o.modelled).map((o) => el('option', { value: o.id }, o.api === 'fapi' ? 'Frontend API' : 'Backend API')))
  })
  const ends = [on('faults', draw), on('reload', load)]
  load()
  return { leave() { for (const end of ends) end() } }
}
