// Talks to the emulator: its control endpoints, and the Backend API with the emulator's own key.

// Numbers that JavaScript would round keep their digits.
const keepsDigits = typeof JSON.rawJSON === 'function'
const exact = (key, value, context) => {
  const rounded = keepsDigits && typeof value === 'number' && String(value) !== context.source && JSON.stringify(value) !== context.source
  return rounded ? JSON.rawJSON(context.source) : value
}

/** Whether this browser can edit without rounding numbers. */
export const canEdit = keepsDigits

export const parse = (text) => JSON.parse(text, exact)

export const isRaw = (value) => keepsDigits && JSON.isRawJSON(value)

/** Whether a value has members. */
export const isContainer = (value) => typeof value === 'object' && value !== null && !isRaw(value)

/** Refusal is an answer that is no success. */
export class Refusal extends Error {
  constructor(status, text) {
    super(text)
    this.status = status
  }
}

async function send(method, path, headers, body) {
  let answer
  try {
    answer = await fetch(path, { method, headers, body, cache: 'no-store' })
  } catch {
    throw new Refusal(0, `${method} ${path}: the connection was closed without an answer`)
  }
  let text
  try {
    text = await answer.text()
  } catch {
    throw new Refusal(answer.status, `${method} ${path}: the answer breaks off`)
  }
  if (!answer.ok) throw new Refusal(answer.status, reason(answer.status, text))
  return text
}

// reason finds the text of an error of the emulator's or of Clerk's.
function reason(status, text) {
  try {
    const { error, errors } = JSON.parse(text)
    if (typeof error === 'string') return error
    const { code, long_message: long } = errors[0]
    return `${status} ${code}: ${long}`
  } catch {
    return `status ${status}`
  }
}

/** Calls a control endpoint and returns its answer. */
export async function control(method, path, value) {
  const body = value === undefined ? undefined : JSON.stringify(value)
  return parse(await send(method, `/_emulator/${path}`, { 'Content-Type': 'application/json' }, body))
}

/** Replaces the state by the text of a seed. */
export const load = (text) => send('PUT', '/_emulator/state', { 'Content-Type': 'application/json' }, text)

/** The variables that clients take. */
export const environment = async () => (await control('GET', 'environment')).environment

/** Sends a real request of the Backend API. */
export async function backend(method, path, value) {
  const { CLERK_SECRET_KEY: key } = await environment()
  const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', 'Clerk-API-Version': '2026-05-12' }
  return parse(await send(method, path, headers, JSON.stringify(value)))
}
