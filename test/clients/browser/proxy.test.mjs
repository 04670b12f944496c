// Clerk's browser client in headless Chromium, with the Frontend API behind package proxy: on the page of
// examples/proxy, and with the buttons there.
import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'

import { dist, launch, skip } from './chromium.mjs'
import { start } from './site.mjs'

// Beside that of the other tests: file-proxy.png for file.png.
const shot = process.env.CLERKMETA_SCREENSHOT?.replace(/(\.\w+)?$/, '-proxy$1')
const seeded = { theme: 'dark', layout: { columns: 2 } }
const secretKey = 'sk_test_clerktest'

describe('the browser client finds Clerk through the proxy', { skip }, () => {
  let site
  let browser
  let context
  let page
  let trouble // what the console showed
  let refusals // how many refused requests it has to show
  let answers

  before(async () => {
    site = await start(dist)
    browser = await launch()
  })
  after(async () => {
    await browser?.close()
    const log = await site?.stop()
    assert.match(log, /code=unsafe_metadata_refused reason="a policy refused"/)
    for (const secret of [secretKey, 'client_token_ada', 'admin']) assert.ok(!log.includes(secret), `${secret} in the log`)
  })
  beforeEach(async () => {
    await site.control('POST', 'reset')
    context = await browser.newContext({ colorScheme: 'light' })
    page = await context.newPage()
    trouble = []
    refusals = 0
    answers = []
    page.on('console', (m) => { if (m.type() === 'error') trouble.push(m.text()) })
    page.on('pageerror', (err) => trouble.push(String(err)))
    page.on('response', (answer) => answers.push(answer))
    await page.goto(site.url)
    await page.evaluate(() => window.ready)
  })
  afterEach(async () => {
    const headers = await Promise.all(answers.map((a) => a.allHeaders()))
    await context.close()
    const refused = trouble.filter((text) => text.includes('status of 422'))
    assert.deepEqual(trouble, refused, 'the console')
    assert.equal(refused.length, refusals, 'refused requests on the console')
    for (const answer of answers) assert.equal(new URL(answer.url()).origin, site.url, 'the page talks to its own site only')
    for (const h of headers) {
      assert.equal(h['clerk-secret-key'], undefined)
      assert.ok(!JSON.stringify(h).includes(secretKey), 'the secret key in an answer')
    }
    const { requests } = await site.control('GET', 'requests')
    assert.notEqual(requests.length, 0)
    for (const { header } of requests) {
      assert.deepEqual(
        [header['Clerk-Proxy-Url'], header['X-Forwarded-For'], header['X-Forwarded-Host'], header['X-Forwarded-Proto']],
        [[`${site.url}/__clerk`], ['127.0.0.1'], [new URL(site.url).host], ['http']],
        'Clerk sees proxied requests only')
    }
  })

  const state = () => site.control('GET', 'state')
  const stored = async () => (await state()).users.find((u) => u.id === 'user_ada').unsafe_metadata
  const asked = async (operation) => (await site.control('GET', `requests?operation=${operation}`)).requests
  const told = (how) => page.locator(`#told.${how}`).textContent()
  const refusal = async (call, ...args) => {
    refusals++
    return page.evaluate(async ([text, args]) => {
      const call = new Function(`return (${text})`)()
      return call(...args).then(() => 'no error', (err) => ({ kind: err.constructor.kind, status: err.status, ...err.errors[0] }))
    }, [call.toString(), args])
  }
  const refused = {
    kind: 'ClerkAPIResponseError', status: 422, code: 'unsafe_metadata_refused',
    message: 'This change of unsafe_metadata is not allowed', longMessage: 'Roles are given by an administrator.',
  }
  const parts = ({ kind, status, code, message, longMessage }) => ({ kind, status, code, message, longMessage })

  it('and loads signed in', async () => {
    assert.equal(await page.textContent('#who'), 'signed in as Ada (user_ada)')
    assert.deepEqual(await page.evaluate(() => window.Clerk.user.unsafeMetadata), seeded)
    assert.deepEqual(await page.evaluate(() => window.Clerk.user.publicMetadata), { role: 'shopper' })
  })
  it('and gets a session token of the proxy\'s address', async () => {
    const token = await page.evaluate(() => window.Clerk.session.getToken({ skipCache: true }))
    const [header, claims, signature] = token.split('.')
    const { sub, iss, azp } = JSON.parse(Buffer.from(claims, 'base64url'))
    assert.deepEqual([sub, iss, azp], ['user_ada', `${site.url}/__clerk`, site.url])
    const { keys } = await page.evaluate(() => fetch('/__clerk/.well-known/jwks.json').then((r) => r.json()))
    const { kid } = JSON.parse(Buffer.from(header, 'base64url'))
    const key = createPublicKey({ key: keys.find((k) => k.kid === kid), format: 'jwk' })
    assert.ok(verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url')))
  })
  it('and merges with updateMetadata', async () => {
    await page.evaluate(() => window.Clerk.user.updateMetadata({ unsafeMetadata: { layout: { rows: 3 } } }))
    const want = { theme: 'dark', layout: { columns: 2, rows: 3 } }
    assert.deepEqual(await page.evaluate(() => window.Clerk.user.unsafeMetadata), want)
    assert.deepEqual(await stored(), want)
  })
  it('and removes keys with null', async () => {
    await page.evaluate(() => window.Clerk.user.updateMetadata({ unsafeMetadata: { theme: null, layout: { columns: null } } }))
    assert.deepEqual(await stored(), { layout: {} })
  })
  it('and replaces with update', async () => {
    await page.evaluate(() => window.Clerk.user.update({ unsafeMetadata: { theme: 'light' } }))
    assert.deepEqual(await stored(), { theme: 'light' })
    assert.equal((await asked('patchUserMetadata')).length, 1)
  })
  it('and shows a refused write as its own error', async () => {
    assert.deepEqual(parts(await refusal(() => window.Clerk.user.updateMetadata({ unsafeMetadata: { role: 'admin', theme: 'light' } }))), refused)
    assert.deepEqual(await stored(), seeded)
    assert.deepEqual(await page.evaluate(() => window.Clerk.user.unsafeMetadata), seeded)
    assert.equal((await asked('patchUserMetadata')).length, 0, 'Clerk was not asked')
  })
  it('and a refused replacement', async () => {
    assert.deepEqual(parts(await refusal(() => window.Clerk.user.update({ unsafeMetadata: { theme: 'dark', role: 'admin' } }))), refused)
    assert.deepEqual(await stored(), seeded)
  })
  it('and a key that is not allowed, and a value that is too large', async () => {
    const write = (unsafeMetadata) => window.Clerk.user.updateMetadata({ unsafeMetadata })
    assert.equal((await refusal(write, { plan: 'pro' })).longMessage, '/plan: key is not allowed: expected one of layout, theme')
    assert.equal((await refusal(write, { theme: 'x'.repeat(1000) })).longMessage, 'unsafe_metadata has 1012 bytes: at most 1000 are allowed')
    assert.deepEqual(await stored(), seeded)
  })
  it('and sets the first name', async () => {
    await page.evaluate(() => window.Clerk.user.update({ firstName: 'Augusta' }))
    assert.equal(await page.textContent('#who'), 'signed in as Augusta (user_ada)')
  })
  it('and tells Clerk nothing that a page makes up', async () => {
    const status = await page.evaluate(() => fetch('/__clerk/v1/me', {
      headers: { 'X-Forwarded-For': '192.0.2.1', 'X-Real-IP': '192.0.2.1', 'Clerk-Proxy-Url': 'https://elsewhere.example', 'Clerk-Secret-Key': 'sk_test_forged' },
    }).then((r) => r.status))
    assert.equal(status, 200)
    const [{ header }] = (await asked('getUser')).slice(-1)
    assert.equal(header['X-Real-Ip'], undefined)
  })

  it('and a click sets the theme, which the page follows', async () => {
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const dark = await background()
    await page.click('#light')
    assert.equal(await told('done'), 'theme light: done')
    await page.locator('#asked', { hasText: /200 POST \/v1\/me\/metadata .*"theme":"light"/ }).waitFor()
    const light = await background()
    assert.notEqual(light, dark)
    await page.click('#dark')
    await page.locator('#told', { hasText: 'theme dark: done' }).waitFor()
    assert.equal(await background(), dark)
    await page.click('#system')
    await page.locator('#told', { hasText: 'theme removed: done' }).waitFor()
    assert.equal(await background(), light, 'the system\'s')
    assert.deepEqual(await stored(), { layout: { columns: 2 } })
  })
  it('and a click lets the backend write', async () => {
    await page.click('#light')
    await page.click('#backend')
    await page.locator('#told', { hasText: 'POST /api/theme: 200 {"unsafe_metadata":{"layout":{"columns":2},"theme":"dark"}}' }).waitFor()
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark')
  })
  it('and a click shows that a role is refused', async () => {
    refusals++
    await page.click('#forge')
    const [first, ...rest] = (await told('refused')).split('\n')
    assert.equal(first, 'role admin: ClerkAPIResponseError')
    const { status, code, message, longMessage } = refused
    assert.deepEqual(JSON.parse(rest.join('\n')), { status, code, message, longMessage, paramName: 'unsafe_metadata' })
    assert.deepEqual(await stored(), seeded)
    if (shot) await page.screenshot({ path: shot, fullPage: true })
  })
  it('and clicks sign out, are refused a role in a sign-up, sign up and start over', async () => {
    await page.click('#token')
    assert.match(await told('done'), /"sub": "user_ada"/)
    await page.click('#leave')
    await page.locator('#who', { hasText: 'signed out' }).waitFor()
    while ((await state()).sessions[0].status === 'active'); // the client shows it before Clerk has answered
    assert.deepEqual((await state()).sessions.map((s) => s.status), ['removed'])

    refusals++
    await page.click('#intrude')
    assert.match(await told('refused'), /Roles are given by an administrator\./)
    assert.equal((await state()).users.length, 1)
    assert.equal((await asked('createSignUps')).length, 0, 'Clerk was not asked')

    await page.click('#join')
    await page.locator('#who', { hasText: 'signed in as Grace' }).waitFor()
    const { users } = await state()
    assert.deepEqual(users.find((u) => u.first_name === 'Grace').unsafe_metadata, { theme: 'dark' })

    await page.click('text=Start over')
    await page.locator('#who', { hasText: 'signed in as Ada' }).waitFor()
  })
})
