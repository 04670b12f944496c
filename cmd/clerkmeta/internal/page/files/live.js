// What happens in the emulator, as it happens. A view subscribes to the names of the events; "reload" says
// that anything may have changed. A hidden tab reads no events: a browser opens few connections to a host.

const listeners = new Map()
let source

/** Subscribes and returns what ends the subscription. */
export function on(name, listener) {
  if (!listeners.has(name)) listeners.set(name, new Set())
  listeners.get(name).add(listener)
  return () => listeners.get(name).delete(listener)
}

function tell(name, data) {
  for (const listener of listeners.get(name) ?? []) listener(data)
}

function open() {
  close()
  source = new EventSource('/_emulator/events')
  source.onopen = () => {
    tell('connection', 'live')
    tell('reload')
  }
  source.onerror = () => {
    tell('connection', 'disconnected')
    // A refusal ends the source for good, a lost connection does not.
    if (source.readyState === EventSource.CLOSED) setTimeout(resume, 3000)
  }
  for (const name of ['request', 'faults', 'state', 'delivery', 'guesses']) {
    source.addEventListener(name, ({ data }) => tell(name, JSON.parse(data)))
  }
  source.addEventListener('reset', () => tell('reload'))
  source.addEventListener('lagged', open) // which loads everything again
}

function close() {
  source?.close()
  source = undefined
}

function resume() {
  if (!document.hidden) open()
}

/** Begins to read events. */
export function start() {
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      close()
      tell('connection', 'asleep')
    } else {
      open()
    }
  })
  resume()
}
