// The webhooks that the emulator sent, and what their receivers answered.
import { Refusal, control } from './api.js'
import { button, clock, duration, el, empty, head, replace, say, trying } from './dom.js'
import { on } from './live.js'
import { body } from './requests.js'
import { hash } from './routes.js'
import { Window } from './window.js'

const kept = 1000
const level = (delivery) => delivery.status ? `${Math.floor(delivery.status / 100)}xx` : 'dropped'
const answer = (delivery) => delivery.status ? String(delivery.status) : delivery.error ? 'failed' : '…'

/** Shows the endpoints and the deliveries, the newest first. */
export function webhooks(main, first) {
  let id = first.id
  let rows = []
  const endpoints = el('div', { class: 'endpoints' })
  const count = el('span', { class: 'count' })
  const list = new Window({ label: 'Deliveries', draw, choose: (row) => { location.hash = hash('webhooks', row.seq) } })
  const detail = el('section', { class: 'detail', 'aria-label': 'One delivery' })
  const left = el('p', { class: 'left' })
  const script = (fault) => trying(async () => drawLeft(await control('POST', 'webhooks', { faults: [fault] })))
  const next = el('div', { class: 'next' }, el('span', {}, 'The next delivery: '),
    button('Late', () => script({ late_ms: 5000 })), button('Twice', () => script({ twice: true })),
    button('Overtaken', () => script({ overtaken: true })), button('Lost', () => script({ lost: true })), left)
  const split = el('div', { class: 'split' }, el('section', { class: 'master deliveries' }, head('Webhooks', count), endpoints, next, list.element), detail)
  replace(main, split)

  function draw(delivery) {
    return [
      el('time', {}, clock(delivery.time)),
      el('b', { class: 'type' }, delivery.type),
      el('span', { class: 'path' }, delivery.url),
      el('b', { class: 'status', 'data-level': level(delivery) }, answer(delivery)),
      el('span', { class: 'took' }, duration(delivery.duration_ms)),
      el('span', { class: 'brief' }, delivery.attempt === 0 ? 'lost, as scripted' : delivery.attempt > 1 && `attempt ${delivery.attempt}`, delivery.next && ' to be repeated'),
    ]
  }

  function drawLeft({ faults }) {
    const names = faults.map((fault) => Object.entries(fault).map(([name, value]) => name === 'late_ms' ? `${value / 1000} s late` : name).join(' and ') || 'as usual')
    left.textContent = names.length === 0 ? '' : `Scripted: ${names.join(', ')}`
  }

  function show() {
    count.textContent = String(rows.length)
    list.show(rows, id)
  }

  async function load() {
    try {
      const { endpoints: to, deliveries, faults } = await control('GET', 'webhooks')
      rows = deliveries.reverse().slice(0, kept)
      drawLeft({ faults })
      next.hidden = to.length === 0
      replace(endpoints, to.length === 0
        ? empty('The emulator sends no webhooks: start it with --webhook URL, or name them in the seed.')
        : to.map(({ url, events }) => el('p', {}, el('code', {}, url), ' ', el('small', {}, events?.length > 0 ? events.join(', ') : 'all events'))))
    } catch (err) {
      if (!(err instanceof Refusal)) throw err
      next.hidden = true
      replace(endpoints, empty(err.message))
    }
    show()
  }

  async function open() {
    split.toggleAttribute('data-open', Boolean(id))
    list.show(rows, id)
    if (!id) {
      replace(detail, empty('Choose a delivery.'))
      return
    }
    const wanted = id
    const delivery = await trying(() => control('GET', `webhooks?seq=${encodeURIComponent(id)}`))
    if (wanted === id && delivery) replace(detail, one(delivery))
  }

  function one(delivery) {
    const fact = (name, value) => value !== '' && value !== undefined && value !== null && [el('dt', {}, name), el('dd', {}, value)]
    const again = button('Send again', () => trying(async () => {
      await control('POST', 'webhooks', { again: delivery.id })
      say('Sent again.')
    }), { class: 'primary' })
    return el('div', {},
      el('a', { class: 'back', href: hash('webhooks') }, 'Back'),
      el('div', { class: 'head' }, el('h3', {}, delivery.type), again),
      el('dl', { class: 'facts' },
        fact('Message', el('code', {}, delivery.id)), fact('To', el('code', {}, delivery.url)), fact('Attempt', String(delivery.attempt)),
        fact('Answer', el('b', { class: 'status', 'data-level': level(delivery) }, answer(delivery))), fact('Error', delivery.error),
        fact('Took', duration(delivery.duration_ms)), fact('Time', delivery.time), fact('Next attempt', delivery.next)),
      delivery.payload !== undefined && el('section', {}, el('h4', {}, 'Payload'), body(typeof delivery.payload === 'string' ? delivery.payload : JSON.stringify(delivery.payload))),
      delivery.answer && el('section', {}, el('h4', {}, 'Answer'), el('pre', {}, delivery.answer)))
  }

  const ends = [on('delivery', add), on('reload', load)]
  function add(delivery) {
    rows = [delivery, ...rows.filter((row) => row.seq !== delivery.seq)].slice(0, kept)
    show()
  }
  load()
  open()
  return {
    follow(next) {
      id = next.id
      open()
    },
    close() { if (id) location.hash = hash('webhooks') },
    leave() { for (const end of ends) end() },
  }
}
