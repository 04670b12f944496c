// The address of a view: #/view/id?parameters.

/** Returns the hash of a view. Parameters that are empty or 0 are left out. */
export function hash(view, id = '', parameters = {}) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value)).toString()
  return `#/${view}${id ? `/${encodeURIComponent(id)}` : ''}${query ? `?${query}` : ''}`
}

/** Reads a hash. */
export function route(text) {
  const [path, query = ''] = text.slice(2).split('?', 2)
  const [view, id = ''] = path.split('/')
  return { view, id: decode(id), parameters: new URLSearchParams(query) }
}

function decode(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // an address that someone typed
  }
}
