// The frame of the page: the views, the keys, and whether events arrive.
import { say, trying } from './dom.js'
import { entities } from './entities.js'
import { faults } from './faults.js'
import { guesses } from './guesses.js'
import { kinds } from './kinds.js'
import { on, start } from './live.js'
import { log, requests, summary } from './requests.js'
import { route } from './routes.js'
import { setup } from './setup.js'
import { webhooks } from './webhooks.js'

const views = { requests, webhooks, faults, guesses, setup }
for (const name of Object.keys(kinds)) views[name] = entities(name)

const main = document.getElementById('main')
const links = [...document.querySelectorAll('nav a')]
let current

function follow() {
  if (location.hash && !location.hash.startsWith('#/')) return // the link to the content
  const next = route(location.hash || '#/users')
  const view = views[next.view] ? next.view : 'users'
  if (current?.name === view) {
    current.follow?.(next)
    return
  }
  current?.leave?.()
  for (const l of links) l.removeAttribute('aria-current')
  const link = links.find((l) => l.hash === `#/${view}`)
  link.setAttribute('aria-current', 'page')
  link.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  document.title = `${link.textContent} · clerkmeta emulator`
  main.scrollTop = 0
  current = { name: view, ...views[view](main, next) }
}

function press(event) {
  if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') {
    current?.send?.()
    return
  }
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return
  const writing = event.target.closest('input, textarea, select')
  if (event.key === 'Escape') {
    if (writing) event.target.blur()
    else current?.close?.()
    return
  }
  if (writing) return
  const link = links.find((l) => l.getAttribute('aria-keyshortcuts') === event.key)
  if (link) link.click()
  else if (event.key === '/') main.querySelector('[data-search]')?.focus()
  else if (event.key === 'p') current?.pause?.()
  else if (event.key === '?') document.getElementById('help').showModal()
  else return
  event.preventDefault()
}

document.getElementById('address').textContent = location.origin
document.getElementById('keys').addEventListener('click', () => document.getElementById('help').showModal())
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault()
  main.focus()
})
addEventListener('hashchange', follow)
addEventListener('keydown', press)
addEventListener('unhandledrejection', ({ reason }) => say(String(reason?.message ?? reason), true))
on('connection', (state) => {
  const shown = document.getElementById('connection')
  shown.textContent = state
  shown.dataset.state = state
})
log.changed(() => summary(document.getElementById('last')))
follow()
start()
trying(() => log.load())
