// Builds what the page shows. Data becomes text nodes and attributes, never markup.

/** Returns an element. A property that is a function listens to the event of its name. */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') element.addEventListener(name, value)
    else if (value === true) element.setAttribute(name, '')
    else if (value !== false && value !== undefined && value !== null) element.setAttribute(name, value)
  }
  add(element, children)
  return element
}

function add(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) add(element, child)
    else if (child !== null && child !== undefined && child !== false) element.append(child)
  }
}

export const button = (text, click, props = {}) => el('button', { type: 'button', click, ...props }, text)

/** Replaces what an element holds. The element in focus keeps it if it has a data-key that comes again. */
export function replace(parent, ...children) {
  const key = parent.contains(document.activeElement) ? document.activeElement.dataset.key : undefined
  const fresh = document.createDocumentFragment()
  add(fresh, children)
  parent.replaceChildren(fresh)
  if (key !== undefined) parent.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true })
}

/** Calls choose with data-NAME of the row that is clicked. Rows may be drawn again while the button is down: that makes no click. */
export function picks(list, name, choose) {
  const rowOf = ({ target }) => target.closest(`[data-${name}]`)
  const plain = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey
  let pressed
  list.addEventListener('pointerdown', (event) => { pressed = plain(event) ? rowOf(event) : undefined })
  list.addEventListener('pointerup', (event) => {
    if (pressed && (pressed === rowOf(event) || !pressed.isConnected)) choose(pressed.dataset[name])
    pressed = undefined
  })
  // Without a pointer: a reader of the screen.
  list.addEventListener('click', (event) => { if (event.detail === 0 && plain(event) && rowOf(event)) choose(rowOf(event).dataset[name]) })
}

/** Shows a short message at the edge of the screen. A fault stays longer. */
export function say(text, fault = false) {
  const message = el('p', { class: fault ? 'message fault' : 'message' }, text)
  document.getElementById('messages').append(message)
  setTimeout(() => message.remove(), fault ? 8000 : 3000)
}

/** Runs what can fail, and shows why it did. */
export async function trying(action) {
  try {
    return await action()
  } catch (err) {
    say(err.message, true)
  }
}

/** A button that copies a text. */
export const copier = (text, label = 'Copy') => button(label, async ({ target }) => {
  await trying(() => navigator.clipboard.writeText(text()))
  target.textContent = 'Copied'
  setTimeout(() => { target.textContent = label }, 1500)
}, { class: 'quiet' })

/** A head with a title and what stands beside it. */
export const head = (title, ...beside) => el('div', { class: 'head' }, el('h2', {}, title), beside)

export const empty = (text) => el('p', { class: 'empty' }, text)

/** The moment of a request, in the reader's own time. */
export function clock(time) {
  const at = new Date(time)
  return `${at.toLocaleTimeString('en-GB')}.${String(at.getMilliseconds()).padStart(3, '0')}`
}

/** A date of Clerk's, in milliseconds. */
export const date = (milliseconds) => milliseconds ? new Date(milliseconds).toLocaleString('sv-SE').slice(0, 16) : ''

export const duration = (ms) => ms === undefined || ms === null ? '' : ms < 10 ? `${ms.toFixed(1)} ms` : ms < 10000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
