// Clerk's browser client, @clerk/clerk-js, in headless Chromium, pointed at the emulator.
import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join, normalize } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'

import { publishableKey, start } from '../emulator.mjs'
import { dist, launch, skip } from './chromium.mjs'

// A name that this client takes for a development host, which it does of none with a port.
const developmentHost = 'clerk.emulator.lcl.dev'
const shot = process.env.CLERKMETA_SCREENSHOT

const html = `<!doctype html><meta charset="utf-8"><title>clerkmeta</title>
<link rel="icon" href="data:,">
<style>body { font: 16px sans-serif; margin: 2em } pre { background: #eee; padding: 1em }</style>
<h1>Clerk's browser client</h1><p id="who">loading</p><pre id="unsafe"></pre><pre id="events"></pre>
<script src="/clerk.browser.js" data-clerk-publishable-key="KEY" PROXY crossorigin="anonymous"></script>
<script>
  const show = (user) => {
    who.textContent = user ? 'signed in as ' + user.firstName + ' (' + user.id + ')' : 'signed out'
    unsafe.textContent = user ? JSON.stringify(user.unsafeMetadata, null, 2) : ''
  }
  window.frontend = 'FRONTEND'
  window.ready = window.Clerk.load({ telemetry: false }).then(() => {
    window.Clerk.addListener(({ user }) => show(user))
    show(window.Clerk.user)
  })
  window.ready.catch((err) => { who.textContent = 'failed: ' + err })
  // What fails is shown as this client tells it.
  window.tell = (what) => what.then(() => 'no error', (err) => {
    const told = { name: err.name, status: err.status, code: err.errors && err.errors[0] && err.errors[0].code, clerk: !!err.clerkError, message: String(err.message) }
    events.textContent = JSON.stringify(told, null, 2)
    return told
  })
</script>`

/** Serves the page and the client's own files, as an application would. */
async function application(key, proxy) {
  const host = Buffer.from(key.split('_')[2], 'base64').toString().replace('$', '')
  const page = html.replace('FRONTEND', proxy ?? `https://${host}`).replace('KEY', key).replace('PROXY', proxy ? `data-clerk-proxy-url="${proxy}"` : '')
  const server = createServer(async (req, res) => {
    const { pathname } = new URL(req.url, 'http://localhost')
    const file = normalize(join(dist, pathname))
    if (pathname === '/') {
      res.setHeader('Content-Type', 'text/html')
      res.end(page)
    } else if (file.startsWith(dist) && existsSync(file)) {
      res.setHeader('Content-Type', 'text/javascript')
      res.end(await readFile(file))
    } else {
      res.statusCode = 404
      res.end()
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => { server.closeAllConnections(); server.close() } }
}

// A publishable key holds a host and means https, and the emulator has no certificate: either something in
// front of it has one, or the client is told the address as that of a proxy. And only for hosts that it knows
// as those of development does this client use a development browser; elsewhere it is the cookie __client.
const ways = {
  'with a development browser, over https': {
    tls: true,
    key: () => publishableKey(`https://${developmentHost}`),
    cookie: (app) => ({ name: '__clerk_db_jwt', value: 'dvb_1', url: app.url }),
  },
  'with a cookie, as a proxy over http': {
    tls: false,
    key: publishableKey,
    proxy: (url) => url,
    cookie: (app, emulator) => ({ name: '__client', value: 'client-1', url: emulator.url, httpOnly: true, sameSite: 'Lax' }),
  },
}
for (const [how, way] of Object.entries(ways)) {
  describe(`the browser client finds the emulator ${how}`, { skip }, () => {
    let emulator
    let app
    let browser
    let context
    let page
    let trouble

    before(async () => {
      emulator = await start({ tls: way.tls })
      app = await application(way.key(emulator.url), way.proxy?.(emulator.url))
      browser = await launch(`--host-resolver-rules=MAP ${developmentHost}:443 ${new URL(emulator.url).host}`)
    })
    after(async () => {
      await browser?.close()
      app?.stop()
      if (emulator) console.log(await emulator.stop())
    })
    beforeEach(async () => {
      await context?.close()
      await emulator.reset()
      context = await browser.newContext({ ignoreHTTPSErrors: true })
      page = await context.newPage()
      trouble = []
      page.on('console', (m) => { if (m.type() === 'error') trouble.push(m.text()) })
      page.on('pageerror', (err) => trouble.push(String(err)))
      await context.addCookies([way.cookie(app, emulator)])
      await page.goto(app.url)
      await page.evaluate(() => window.ready)
    })

    const stored = async () => {
      const { users } = await emulator.control('GET', 'state')
      return users.find((u) => u.id === 'user_1').unsafe_metadata
    }
    const writes = async () => {
      const { requests } = await emulator.control('GET', 'requests?operation=patchUserMetadata')
      return requests
    }

    it('and loads signed in as the seeded user', async () => {
      assert.equal(await page.textContent('#who'), 'signed in as Ada (user_1)')
      assert.deepEqual(JSON.parse(await page.textContent('#unsafe')), { theme: 'dark', layout: { left: true, width: 2 } })
      assert.deepEqual(await page.evaluate(() => window.Clerk.user.publicMetadata), { plan: 'free', limits: { seats: 3, trial: true } })
      assert.equal(await page.evaluate(() => JSON.stringify(window.Clerk.client).includes('"crm"')), false, 'private metadata')
      assert.deepEqual(trouble, [])
    })
    it('and merges with updateMetadata, nested objects too', async () => {
      await page.evaluate(() => window.Clerk.user.updateMetadata({ unsafeMetadata: { layout: { width: 3 }, lang: 'nl' } }))
      const want = { theme: 'dark', layout: { left: true, width: 3 }, lang: 'nl' }
      assert.deepEqual(await page.evaluate(() => window.Clerk.user.unsafeMetadata), want)
      assert.deepEqual(await stored(), want)
    })
    it('and removes a nested key with null', async () => {
      await page.evaluate(() => window.Clerk.user.updateMetadata({ unsafeMetadata: { theme: null, layout: { left: null } } }))
      assert.deepEqual(await stored(), { layout: { width: 2 } })
    })
    it('and replaces with update: it reads, compares and sends a patch', async () => {
      await page.evaluate(() => window.Clerk.user.update({ unsafeMetadata: { layout: { width: 2 }, lang: 'nl' } }))
      assert.deepEqual(await stored(), { layout: { width: 2 }, lang: 'nl' })
      assert.equal((await writes()).length, 1)
      await page.evaluate(() => window.Clerk.user.update({ unsafeMetadata: { layout: { width: 2 }, lang: 'nl' } }))
      assert.equal((await writes()).length, 1, 'nothing is sent where nothing changes')
    })
    it('and gets a session token that the key set verifies', async () => {
      const token = await page.evaluate(() => window.Clerk.session.getToken({ skipCache: true }))
      const [header, claims, signature] = token.split('.')
      const { kid, alg } = JSON.parse(Buffer.from(header, 'base64url'))
      assert.equal(alg, 'RS256')
      const { sub, sid } = JSON.parse(Buffer.from(claims, 'base64url'))
      assert.deepEqual([sub, sid], ['user_1', 'sess_1'])
      const { keys } = await page.evaluate(() => fetch(window.frontend + '/.well-known/jwks.json').then((r) => r.json()))
      const key = createPublicKey({ key: keys.find((k) => k.kid === kid), format: 'jwk' })
      assert.ok(verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url')))
    })
    it('and sets the first name', async () => {
      await page.evaluate(() => window.Clerk.user.update({ firstName: 'Augusta' }))
      assert.equal(await page.textContent('#who'), 'signed in as Augusta (user_1)')
    })
    it('and signs somebody up with unsafe metadata', async () => {
      await context.clearCookies()
      await page.reload()
      await page.evaluate(async () => {
        await window.ready
        const { createdSessionId } = await window.Clerk.client.signUp.create({ username: 'grace', firstName: 'Grace', unsafeMetadata: { from: { campaign: 7 } } })
        await window.Clerk.setActive({ session: createdSessionId })
      })
      assert.match(await page.textContent('#who'), /^signed in as Grace/)
      assert.deepEqual(await page.evaluate(() => window.Clerk.user.unsafeMetadata), { from: { campaign: 7 } })
      const { users } = await emulator.control('GET', 'state')
      assert.deepEqual(users.find((u) => u.username === 'grace').unsafe_metadata, { from: { campaign: 7 } })
      assert.deepEqual(trouble, [])
    })
    it('and stays signed out without a session', async () => {
      await context.clearCookies()
      await page.reload()
      await page.evaluate(() => window.ready)
      assert.equal(await page.textContent('#who'), 'signed out')
      const { requests } = await emulator.control('GET', 'requests?operation=createDevBrowser')
      assert.equal(requests.length, way.tls ? 1 : 0, 'a development browser asks for its token')
      assert.deepEqual(trouble, [])
    })
    it('and shows a refused write as its own error', async () => {
      const told = await page.evaluate(() => window.tell(window.Clerk.user.updateMetadata({ unsafeMetadata: { a: 'x'.repeat(9000) } })))
      assert.deepEqual([told.clerk, told.status, told.code], [true, 422, 'form_param_exceeds_allowed_size'])
      assert.deepEqual(await stored(), { theme: 'dark', layout: { left: true, width: 2 } })
      if (shot) await page.screenshot({ path: shot })
    })
    it('and shows a write refused for its rate as its own error', async () => {
      await emulator.fault('patchUserMetadata', { status: 429, code: 'too_many_requests', retry_after: 1 })
      const told = await page.evaluate(() => window.tell(window.Clerk.user.updateMetadata({ unsafeMetadata: { a: 1 } })))
      assert.deepEqual([told.clerk, told.status, told.code], [true, 429, 'too_many_requests'])
    })
  })
}
