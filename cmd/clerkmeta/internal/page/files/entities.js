// The lists of entities, searched and paged by the emulator, and one of them beside its list.
import { control } from './api.js'
import { Detail } from './detail.js'
import { button, el, empty, head, picks, replace, trying } from './dom.js'
import { kinds } from './kinds.js'
import { on } from './live.js'
import { hash } from './routes.js'

const pageSize = 50

/** Shows a kind of entities. The route names the search, the page and the entity that is open. */
export function entities(name) {
  const kind = kinds[name]
  return (main, route) => {
    let { id, query, offset } = read(route)
    let asked = 0
    let detail
    const address = (changes) => hash(name, changes.id ?? '', { q: changes.query ?? query, from: changes.offset ?? offset })
    const search = el('input', { type: 'search', placeholder: `Search ${kind.search}`, 'aria-label': `Search ${kind.title}`, 'data-search': '' })
    search.value = query
    let typing
    search.addEventListener('input', () => {
      clearTimeout(typing)
      typing = setTimeout(() => { location.hash = address({ query: search.value, offset: 0 }) }, 150)
    })
    const count = el('span', { class: 'count' })
    const table = el('table', { class: 'list' })
    const pager = el('div', { class: 'pager' })
    const aside = el('section', { class: 'detail', 'aria-label': `One ${kind.one}` })
    const split = el('div', { class: 'split' }, el('section', { class: 'master' }, head(kind.title, count, search), table, pager), aside)
    replace(main, split)
    table.addEventListener('keydown', (event) => walk(event, table))
    picks(table, 'id', (chosen) => { location.hash = address({ id: chosen }) })

    async function load() {
      const turn = ++asked
      const parameters = new URLSearchParams({ kind: name, offset, limit: pageSize, query })
      const page = await trying(() => control('GET', `entities?${parameters}`))
      if (!page || turn !== asked) return
      count.textContent = page.total.toLocaleString('en')
      if (page.rows.length === 0 && offset > 0) {
        location.replace(address({ id, offset: 0 }))
        return
      }
      draw(page)
      await open(page.rows)
    }

    function draw({ rows, total }) {
      const link = (row, text) => el('a', { href: address({ id: row.id }), 'data-key': row.id, 'aria-current': row.id === id && 'true' }, text)
      const columns = Object.entries(kind.columns)
      replace(table,
        el('thead', {}, el('tr', {}, columns.map(([title]) => el('th', { scope: 'col' }, title)))),
        el('tbody', {},
          rows.map((row) => el('tr', { class: row.id === id && 'open', 'data-id': row.id },
            columns.map(([title, read], i) => el('td', { class: title === 'Id' && 'id' }, i === 0 ? link(row, read(row)) : read(row)))))))
      table.hidden = rows.length === 0
      const to = (from, text) => button(text, () => { location.hash = address({ offset: from }) }, { disabled: from < 0 || from >= total })
      replace(pager,
        rows.length === 0 && empty(query ? `Nothing matches ${query}.` : `The emulator has no ${kind.title.toLowerCase()}.`),
        total > pageSize && [to(offset - pageSize, 'Previous'), el('span', {}, `${offset + 1}–${offset + rows.length} of ${total.toLocaleString('en')}`), to(offset + pageSize, 'Next')])
    }

    // open shows the entity of the route, which another page of the list may hold.
    async function open(rows) {
      split.toggleAttribute('data-open', Boolean(id))
      if (!id) {
        detail = undefined
        replace(aside, empty(`Choose one of the ${kind.title.toLowerCase()}.`))
        return
      }
      const wanted = id
      const row = rows.find((r) => r.id === id) ?? (await trying(() => control('GET', `entities?${new URLSearchParams({ kind: name, id })}`)))?.rows[0]
      if (wanted !== id) return
      const back = () => address({})
      if (!row) {
        detail = undefined
        replace(aside, el('a', { class: 'back', href: back() }, 'Back'), empty(`${id} does not exist.`))
      } else if (detail?.id === id) {
        detail.refresh(row)
      } else {
        detail = new Detail(kind, row, back)
        replace(aside, detail.element)
      }
    }

    const ends = [on('reload', load), on('state', load)]
    load()
    return {
      follow(next) {
        ({ id, query, offset } = read(next))
        if (document.activeElement !== search) search.value = query
        load()
      },
      send: () => detail?.send(),
      close() {
        if (id) location.hash = address({})
      },
      leave() {
        clearTimeout(typing)
        for (const end of ends) end()
      },
    }
  }
}

const read = ({ id, parameters }) => ({ id, query: parameters.get('q') ?? '', offset: Math.max(0, Number(parameters.get('from')) || 0) })

// walk moves along the links of a list.
function walk(event, table) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  const links = [...table.querySelectorAll('a')]
  const at = links.indexOf(document.activeElement)
  if (!step || at < 0) return
  event.preventDefault()
  links[at + step]?.focus()
}
