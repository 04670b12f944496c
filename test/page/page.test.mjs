// The page of the emulator in headless Chromium.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'

import { launch, skip } from '../clients/browser/chromium.mjs'
import { start } from './emulator.mjs'

const secretKey = 'sk_test_page'
const views = ['users', 'organizations', 'memberships', 'invitations', 'sessions', 'requests', 'webhooks', 'faults', 'guesses', 'setup']
const digits = 9007199254740993n

const seed = {
  secret_key: secretKey,
  users: [
    {
      id: 'user_ada', first_name: 'Ada', last_name: 'Lovelace', email_addresses: ['ada@example.com'],
      public_metadata: { role: 'shopper', plan: 'pro', limits: { seats: 12, exports: true, regions: ['eu-west', 'us-east'] } },
      private_metadata: { stripeId: 'cus_hidden', crm: { owner: 'grace' } },
      unsafe_metadata: { theme: 'dark' },
    },
    { id: 'user_grace', first_name: 'Grace', last_name: 'Hopper', email_addresses: ['grace@example.com'], public_metadata: { role: 'admin' } },
    { id: 'user_edsger', first_name: 'Edsger', last_name: 'Dijkstra', email_addresses: ['edsger@example.com'] },
    { id: 'user_barbara', first_name: 'Barbara', last_name: 'Liskov', email_addresses: ['barbara@example.com'] },
    { id: 'user_ken', username: 'ken', phone_numbers: ['+15550100'] },
  ],
  organizations: [{ id: 'org_acme', slug: 'acme', name: 'Acme', public_metadata: { tier: 'gold' } }],
  memberships: [{ id: 'orgmem_ada', organization_id: 'org_acme', user_id: 'user_ada', role: 'org:admin', public_metadata: { desk: 4 } }],
  invitations: [{ id: 'inv_mary', email_address: 'mary@example.com', public_metadata: { from: 'ada' } }],
  sessions: [{ id: 'sess_ada', user_id: 'user_ada', client_token: 'client_hidden' }],
}

describe('the page', { skip }, () => {
  let emulator
  let receiver
  let received
  let browser
  let context
  let page
  let trouble

  before(async () => {
    receiver = createServer((req, res) => {
      received.push(req.headers['svix-id'])
      req.resume().on('end', () => res.end('taken'))
    })
    await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    emulator = await start(seed, '--webhook-timeout', '1h', '--webhook', `http://127.0.0.1:${receiver.address().port}/webhooks`)
    browser = await launch()
  })
  after(async () => {
    await browser?.close()
    await emulator?.stop()
    receiver?.closeAllConnections()
    receiver?.close()
  })
  beforeEach(async () => {
    await emulator.control('POST', 'reset')
    received = []
    await open({ viewport: { width: 1360, height: 820 } })
  })
  afterEach(async () => {
    await context.close()
    assert.deepEqual(trouble, [], 'errors in the console, breaches of the policy, requests to another origin')
  })

  async function open(options, hash = '') {
    await context?.close()
    context = await browser.newContext(options)
    page = await context.newPage()
    trouble = []
    page.on('console', (m) => { if (m.type() === 'error' && !/the server responded with a status of|ERR_EMPTY_RESPONSE/.test(m.text())) trouble.push(m.text()) })
    page.on('pageerror', (err) => trouble.push(String(err)))
    page.on('request', (r) => { if (!r.url().startsWith(`${emulator.url}/`)) trouble.push(r.url()) })
    await page.goto(`${emulator.url}/${hash}`)
    await page.locator('#connection[data-state=live]').waitFor()
  }
  const visit = (hash) => page.evaluate((to) => { location.hash = to }, hash)
  const user = async (id = 'user_ada') => (await emulator.control('GET', 'state')).users.find((u) => u.id === id)
  const requests = async () => (await emulator.control('GET', 'requests')).requests
  const backend = (method, path, body) => fetch(`${emulator.url}/v1/${path}`, {
    method, body: body && JSON.stringify(body), headers: { Authorization: `Bearer ${secretKey}`, 'Content-Type': 'application/json' },
  })
  const value = (...path) => page.locator(`.tree [data-key='${JSON.stringify(path)}']`)
  const sheet = () => page.locator('.sheet')
  // drawn waits until the page has handled and drawn what had come.
  const drawn = () => page.evaluate(async () => {
    for (let i = 0; i < 3; i++) await fetch('/_emulator/health').then(() => new Promise(requestAnimationFrame))
  })
  async function eventually(holds) { while (!await holds()); }

  async function edit(path, text) {
    await value(...path).click()
    const field = page.locator('.tree .edit :is(input, textarea)')
    await field.fill(text)
    await field.press('Enter')
  }

  it('lists every kind of entity, and finds one', async () => {
    for (const [view, name] of [['users', 'Ada Lovelace'], ['organizations', 'Acme'], ['memberships', 'Acme'], ['invitations', 'mary@example.com'], ['sessions', 'user_ada']]) {
      await visit(`#/${view}`)
      await page.locator('.list a', { hasText: name }).first().click()
      await page.locator('.detail .tree').first().waitFor()
    }
    await visit('#/users')
    await page.getByLabel('Search Users').fill('grace@')
    await page.locator('.head .count', { hasText: /^1$/ }).waitFor()
    assert.deepEqual(await page.locator('.list tbody a').allTextContents(), ['Grace Hopper'])
  })

  it('edits in place, and shows what it will send before it is sent', async () => {
    await visit('#/users/user_ada')
    await edit(['role'], 'admin')
    await sheet().getByText('public_metadata.role').waitFor()
    assert.equal(await sheet().locator('.request').textContent(), 'PATCH /v1/users/user_ada/metadata')
    assert.match(await sheet().locator('.changes').textContent(), /^~ public_metadata\.role "shopper" → "admin"$/)
    assert.equal((await requests()).length, 0, 'nothing is sent yet')
    await page.getByRole('button', { name: 'Send' }).click()
    await sheet().waitFor({ state: 'hidden' }) // once it is stored
    await value('role').getByText('"admin"').waitFor()
    assert.equal((await user()).public_metadata.role, 'admin')
    assert.deepEqual((await requests()).map((r) => [r.method, r.path, r.body, r.status]), [['PATCH', '/v1/users/user_ada/metadata', '{"public_metadata":{"role":"admin"}}', 200]])
    await page.locator('#last', { hasText: 'PATCH /v1/users/user_ada/metadata 200' }).waitFor()

    await visit('#/requests')
    await page.locator('.row .brief', { hasText: '~role' }).waitFor()
    await page.locator('#last').click()
    await page.locator('.detail .changes', { hasText: 'public_metadata.role "shopper" → "admin"' }).waitFor()
    assert.equal((await page.locator('body').textContent()).includes(secretKey), false, 'a credential is shown')
  })

  it('keeps what is being typed when others write', async () => {
    await visit('#/users/user_ada')
    await value('role').click()
    const field = page.locator('.tree .edit :is(input, textarea)')
    await field.fill('adm')
    await backend('PATCH', 'users/user_ada/metadata', { public_metadata: { plan: 'free' } })
    await page.locator('#last', { hasText: 'PATCH' }).waitFor()
    await drawn()
    assert.equal(await field.inputValue(), 'adm')
    await field.press('Escape')
    await value('plan').getByText('"free"').waitFor()
  })

  it('sends an edit once, whatever comes before the answer', async () => {
    await emulator.control('POST', 'faults', { operation: 'UpdateUserMetadata', faults: [{ slow_headers_ms: 1000 }] })
    await visit('#/users/user_ada')
    await edit(['role'], 'admin')
    await page.getByRole('button', { name: 'Send' }).click()
    await eventually(async () => (await user()).public_metadata.role === 'admin')
    await drawn()
    await page.keyboard.press('Control+Enter')
    await sheet().waitFor({ state: 'hidden' })
    assert.equal((await requests()).filter((r) => r.method === 'PATCH').length, 1)
    await edit(['limits', 'seats'], '12.0')
    await sheet().getByText('Nothing: the values are the same.').waitFor()
    assert.ok(await page.getByRole('button', { name: 'Send' }).isDisabled())
  })

  it('opens the row on which the button went down', async () => {
    await backend('GET', 'users/user_ada')
    for (const [hash, row, other] of [['#/users', '[data-id=user_ada]', 'users/user_grace/metadata'], ['#/requests', '[data-seq]', 'users/user_ken/metadata']]) {
      await visit(hash)
      const pressed = page.locator(row).last()
      await pressed.hover()
      await page.mouse.down()
      await pressed.evaluate((node) => { window.pressedRow = node })
      await backend('PATCH', other, { public_metadata: { n: 1 } })
      await page.waitForFunction(() => !window.pressedRow.isConnected)
      await page.mouse.up()
      await page.locator('.detail code, .detail .head', { hasText: /user_ada/ }).first().waitFor()
    }
  })

  it('removes a key, adds one, and discards both', async () => {
    await visit('#/users/user_ada')
    await value('limits', 'exports').focus()
    await page.keyboard.press('Delete')
    await page.getByRole('button', { name: 'Add a key to public_metadata' }).click()
    await page.keyboard.type('__proto__')
    await page.keyboard.press('Tab')
    await page.keyboard.type('[1, {"deep": true}]')
    await page.keyboard.press('Enter')
    await sheet().getByText('public_metadata.__proto__').waitFor()
    assert.deepEqual(await sheet().locator('.changes li').allTextContents(), ['+ public_metadata.__proto__ [1,{"deep":true}]', '− public_metadata.limits.exports true'])
    await page.getByRole('button', { name: 'Discard' }).click()
    await sheet().waitFor({ state: 'hidden' })
    await value('limits', 'exports').waitFor()
    assert.equal((await requests()).length, 0)
  })

  it('replaces a field where no merge patch leads, and keeps every digit', async () => {
    assert.ok((await fetch(`${emulator.url}/v1/users/user_ada/metadata`, {
      method: 'PUT', body: `{"public_metadata":{"big":${digits},"role":"shopper"}}`, headers: { Authorization: `Bearer ${secretKey}`, 'Content-Type': 'application/json' },
    })).ok)
    await visit('#/users/user_ada')
    assert.equal(await value('big').textContent(), String(digits))
    await edit(['role'], 'null')
    await sheet().locator('.request', { hasText: 'PUT' }).waitFor()
    await page.keyboard.press('Control+Enter')
    await sheet().waitFor({ state: 'hidden' })
    await value('role').getByText('null').waitFor()
    assert.equal((await requests()).at(-1).body, `{"public_metadata":{"big":${digits},"role":null}}`)
  })

  it('takes names, keys and values of any kind as text', async () => {
    const odd = { '': 'empty', '<img src=x onerror=alert(1)>': '<img src=x onerror=alert(1)>', '\u202eabc': 'a\u0000\u202e\u2028b' }
    await backend('PATCH', 'users/user_ada/metadata', { public_metadata: odd })
    await visit('#/users/user_ada')
    for (const [key, text] of Object.entries(odd)) await page.locator(`.tree [data-key=${JSON.stringify(JSON.stringify([key]))}]`, { hasText: JSON.stringify(text).slice(1, 5) }).waitFor()
    await page.getByRole('button', { name: 'Add a key to public_metadata' }).click()
    await page.keyboard.type('__proto__')
    await page.keyboard.press('Tab')
    await page.keyboard.type(String(digits))
    await page.keyboard.press('Enter')
    await page.locator('.tree li[data-sign="+"]', { hasText: '__proto__' }).waitFor()
    await edit([''], '<b>"')
    await sheet().getByText('public_metadata.__proto__').waitFor()
    await page.keyboard.press('Control+Enter')
    await sheet().waitFor({ state: 'hidden' })
    assert.equal((await requests()).at(-1).body, `{"public_metadata":{"":"<b>\\"","__proto__":${digits}}}`)
    const { public_metadata: stored } = await user()
    for (const [key, text] of Object.entries({ ...odd, '': '<b>"' })) assert.equal(stored[key], text)
    assert.equal(await page.locator('main img').count(), 0)
  })

  it('hides private values until a click, also in requests', async () => {
    await backend('PATCH', 'users/user_ada/metadata', { private_metadata: { stripeId: 'cus_secret' } })
    await visit('#/users/user_ada')
    await page.locator('.veil').first().waitFor()
    assert.equal((await page.locator('body').textContent()).includes('cus_'), false)
    await page.getByRole('button', { name: 'Show the private values of private_metadata' }).first().click()
    await value('stripeId').getByText('cus_secret').waitFor()

    await visit('#/requests')
    await page.locator('.row').first().click()
    await page.locator('.detail summary', { hasText: 'Body' }).click()
    await page.locator('.detail .tree .veil').waitFor()
    assert.equal((await page.locator('body').textContent()).includes('cus_'), false)
    await page.locator('.detail .changes .veil').click()
    await page.locator('.detail .changes', { hasText: '"cus_hidden" → "cus_secret"' }).waitFor()
  })

  it('can be used with the keyboard alone', async () => {
    const until = async (selector) => {
      for (let i = 0; i < 100; i++) {
        await page.keyboard.press('Tab')
        if (await page.evaluate((s) => document.activeElement.matches(s), selector)) return
      }
      assert.fail(`${selector} cannot be reached`)
    }
    await page.keyboard.press('2')
    await page.locator('h2', { hasText: 'Organizations' }).waitFor()
    await page.keyboard.press('1')
    await page.locator('.list tbody tr').nth(4).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('ada')
    await page.locator('.head .count', { hasText: /^1$/ }).waitFor()
    await until('.list a')
    await page.keyboard.press('Enter')
    await value('role').waitFor()
    await until(`[data-key='["plan"]']`)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.keyboard.type('editor')
    await page.keyboard.press('Enter')
    await sheet().getByText('"shopper" → "editor"').waitFor()
    await page.keyboard.press('Control+Enter')
    await sheet().waitFor({ state: 'hidden' })
    assert.equal((await user()).public_metadata.role, 'editor')
    await page.keyboard.press('Escape')
    await page.locator('.split:not([data-open])').waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
  })

  it('scripts a 429, which the SDK survives', async () => {
    await visit('#/faults')
    await page.getByLabel('Operation').fill('GetUser')
    await page.getByRole('button', { name: 'Script' }).click()
    await page.locator('.queue li', { hasText: 'GetUser' }).waitFor()
    const { code, printed } = await emulator.command('users', 'get', 'user_ada')
    assert.equal(code, 0, printed)
    assert.match(printed, /"shopper"/)
    await page.getByText('No fault is left').waitFor()
    assert.deepEqual((await requests()).map((r) => r.status), [429, 200])
    await visit('#/requests')
    await page.locator('.row [data-level="4xx"]').waitFor()
  })

  it('keeps an edit that a fault hits', async () => {
    const script = (...faults) => emulator.control('POST', 'faults', { operation: '*', faults })
    await visit('#/organizations/org_acme')
    await edit(['tier'], 'platinum')
    await script(...Array(20).fill({ drop: true })) // a browser repeats what reused connections drop
    await page.locator('[data-key="send"]:enabled').click()
    await sheet().locator('.outcome', { hasText: 'closed without an answer' }).waitFor()
    await emulator.control('DELETE', 'faults')
    await script({ status: 500, code: 'internal_clerk_error' })
    await page.locator('[data-key="send"]:enabled').click()
    await sheet().locator('.outcome', { hasText: '500 internal_clerk_error' }).waitFor()
    await page.locator('[data-key="send"]:enabled').click()
    await sheet().waitFor({ state: 'hidden' })
    assert.equal((await emulator.control('GET', 'state')).organizations[0].public_metadata.tier, 'platinum')
  })

  it('shows the guesses and switches them', async () => {
    const answer = async () => (await emulator.control('GET', 'guesses')).guesses.find((g) => g.name === 'PatchFieldNull').answer
    await visit('#/guesses')
    await page.getByLabel('PatchFieldNull').selectOption('ignored')
    await page.locator('tr.switched', { hasText: 'PatchFieldNull' }).waitFor()
    assert.equal(await answer(), 'ignored')
    await page.getByRole('button', { name: 'Defaults' }).click()
    await page.locator('tr.switched').waitFor({ state: 'detached' })
    assert.equal(await answer(), 'refused')
  })

  it('shows the webhooks, sends one again, and loses one', async () => {
    await backend('PATCH', 'users/user_ada/metadata', { private_metadata: { stripeId: 'cus_secret' } })
    await visit('#/webhooks')
    await page.locator('.row', { hasText: 'user.updated' }).locator('[data-level="2xx"]').click()
    await page.locator('.detail', { hasText: 'taken' }).locator('.tree .veil').first().waitFor()
    assert.equal((await page.locator('body').textContent()).includes('cus_'), false)
    await page.getByRole('button', { name: 'Send again' }).click()
    await page.locator('.row').nth(1).waitFor()
    assert.equal(received.length, 2)
    assert.equal(received[0], received[1], 'the id stays')
    await page.getByRole('button', { name: 'Lost' }).click()
    await page.getByText('Scripted: lost').waitFor()
    await backend('PATCH', 'users/user_ada/metadata', { public_metadata: { role: 'lost' } })
    await page.locator('.row').nth(2).waitFor()
    assert.equal(received.length, 2)
  })

  it('saves the seed, loads it, refuses a faulty one, and resets', async () => {
    await visit('#/setup')
    await page.locator('pre', { hasText: `export CLERK_SECRET_KEY=${secretKey}` }).waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('Save the seed').click()])
    const saved = await readFile(await download.path(), 'utf8')
    assert.equal(JSON.parse(saved).users.length, 5)
    await backend('DELETE', 'users/user_ken')
    const load = (text) => page.getByLabel('Seed to load').setInputFiles({ name: 'seed.json', mimeType: 'application/json', buffer: Buffer.from(text) })
    await load('{"users":[\n{"frist_name":"Ada"}]}')
    await page.getByRole('alert').getByText('line 2').waitFor()
    assert.equal((await emulator.control('GET', 'state')).users.length, 4)
    await load(saved)
    await page.getByText('seed.json is loaded.').waitFor()
    assert.deepEqual(await emulator.control('GET', 'state'), JSON.parse(saved))

    await backend('DELETE', 'users/user_grace')
    await page.getByRole('button', { name: 'Reset' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click()
    await page.getByText('The emulator is as at its start.').waitFor()
    assert.equal((await emulator.control('GET', 'state')).users.length, 5)
    await page.locator('#last', { hasText: 'no request yet' }).waitFor()
  })

  it('filters the requests and pauses them', async () => {
    await visit('#/requests')
    await backend('GET', 'users/user_ada')
    await backend('PATCH', 'users/user_none/metadata', { public_metadata: {} })
    await page.locator('.row').nth(1).waitFor()
    await page.getByLabel('Filter the requests').fill('patch 4xx')
    await page.locator('.head .count', { hasText: '1 of 2' }).waitFor()
    await page.getByLabel('Filter the requests').fill('')
    await page.keyboard.press('Escape')
    await page.keyboard.press('p')
    await backend('GET', 'users/user_grace')
    await page.getByRole('button', { name: 'Continue (1 new)' }).waitFor()
    assert.equal(await page.locator('.row').count(), 2)
    await page.keyboard.press('p')
    await page.locator('.row').nth(2).waitFor()
  })

  it('keeps a thousand requests and draws those in sight', async () => {
    await visit('#/requests')
    for (let i = 0; i < 1200; i += 50) await Promise.all(Array.from({ length: 50 }, () => backend('GET', 'users/user_ada').then((r) => r.arrayBuffer())))
    await backend('GET', 'users/user_grace')
    await page.locator('.row', { hasText: 'user_grace' }).waitFor()
    assert.equal(await page.locator('.head .count').textContent(), '1000')
    assert.ok(await page.locator('.row').count() < 60)
    await page.locator('.window').focus()
    await page.keyboard.press('End')
    await page.locator('.row[aria-posinset="1000"][aria-selected=true]').waitFor()
  })

  it('stays usable with 20,000 users', async () => {
    await emulator.control('PUT', 'state', { secret_key: secretKey, users: Array.from({ length: 20000 }, (_, i) => ({ first_name: `Person ${i}`, public_metadata: { number: i } })) })
    await page.locator('.head .count', { hasText: '20,000' }).waitFor()
    assert.equal(await page.locator('.list tbody tr').count(), 50)
    await page.getByRole('button', { name: 'Next' }).click()
    await page.locator('.pager', { hasText: '51–100 of 20,000' }).waitFor()
    await page.getByLabel('Search Users').fill('Person 19999')
    await page.locator('.list tbody a', { hasText: 'Person 19999' }).click()
    await edit(['number'], '5')
    await page.locator('[data-key="send"]:enabled').click()
    await value('number').getByText(/^5$/).waitFor()
  })

  it('lets no page of another origin write', async () => {
    const other = createServer((req, res) => res.end('<!doctype html><link rel="icon" href="data:,"><title>another</title>'))
    await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve))
    try {
      const before = await emulator.control('GET', 'state')
      const stranger = await context.newPage()
      await stranger.goto(`http://127.0.0.1:${other.address().port}/`)
      const outcomes = await stranger.evaluate(async ([url, key]) => {
        const tried = async (path, options) => {
          try {
            const answer = await fetch(url + path, options)
            return answer.type === 'opaque' ? 'opaque' : answer.status
          } catch {
            return 'refused'
          }
        }
        const backend = { headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' }, body: '{"public_metadata":{"role":"admin"}}' }
        return {
          state: await tried('/_emulator/state'),
          reset: await tried('/_emulator/reset', { method: 'POST' }),
          resetUnread: await tried('/_emulator/reset', { method: 'POST', mode: 'no-cors' }),
          load: await tried('/_emulator/state', { method: 'PUT', body: '{}' }),
          faults: await tried('/_emulator/faults', { method: 'POST', mode: 'no-cors', body: '{"operation":"*","faults":[{"drop":true}]}' }),
          patch: await tried('/v1/users/user_ada/metadata', { method: 'PATCH', ...backend }),
          post: await tried('/v1/users', { method: 'POST', ...backend }),
          unread: await tried('/v1/users', { method: 'POST', mode: 'no-cors', ...backend }),
        }
      }, [emulator.url, secretKey])
      assert.deepEqual(outcomes, { state: 'refused', reset: 'refused', resetUnread: 'opaque', load: 'refused', faults: 'opaque', patch: 'refused', post: 'refused', unread: 'opaque' })
      assert.deepEqual(await emulator.control('GET', 'state'), before)
      assert.deepEqual((await emulator.control('GET', 'faults')).left, [])
      assert.ok((await requests()).every((r) => r.status >= 400), 'requests of the other page are refused')
      const framed = await stranger.evaluate((url) => new Promise((resolve) => {
        const frame = document.createElement('iframe')
        frame.onload = () => { try { resolve(frame.contentDocument === null ? 'empty' : 'open') } catch { resolve('empty') } }
        frame.src = url
        document.body.append(frame)
      }), emulator.url)
      assert.equal(framed, 'empty')
    } finally {
      other.closeAllConnections()
      other.close()
    }
  })

  it('has no horizontal scroll on a narrow screen', async () => {
    await backend('PATCH', 'users/user_ada/metadata', { public_metadata: { ['k'.repeat(200)]: 'v'.repeat(400) } })
    await open({ viewport: { width: 340, height: 640 } })
    for (const hash of [...views.map((view) => `#/${view}`), '#/users/user_ada', '#/requests/1', '#/sessions/sess_ada']) {
      await visit(hash)
      await page.locator('main > *').first().waitFor()
      await page.waitForLoadState('networkidle')
      const wide = await page.evaluate(() => [document.documentElement, document.querySelector('main')].map((e) => e.scrollWidth - e.clientWidth))
      assert.deepEqual(wide, [0, 0], hash)
    }
    await visit('#/users/user_ada')
    await edit(['role'], 'admin')
    await page.getByRole('button', { name: 'Send' }).click()
    await sheet().waitFor({ state: 'hidden' })
    await page.getByRole('link', { name: 'Back' }).click()
    await page.locator('.list').waitFor()
  })

  it('takes its screenshots', { skip: !process.env.CLERKMETA_SCREENSHOTS && 'CLERKMETA_SCREENSHOTS names no folder' }, async () => {
    const folder = process.env.CLERKMETA_SCREENSHOTS
    for (const [method, path, body] of [
      ['GET', 'users?limit=10'], ['PATCH', 'users/user_grace/metadata', { public_metadata: { role: 'owner' }, private_metadata: { plan: 'pro' } }],
      ['GET', 'organizations/acme'], ['PATCH', 'organizations/org_acme/metadata', { public_metadata: { tier: 'platinum', since: 2026 } }],
      ['GET', 'users/user_none'], ['PATCH', 'users/user_ken/metadata', { public_metadata: { role: 'reader' } }],
      ['PATCH', 'organizations/org_acme/memberships/user_ada/metadata', { public_metadata: { desk: null } }],
    ]) await backend(method, path, body)
    await emulator.control('POST', 'faults', { operation: 'GetUser', faults: [{ status: 429, code: 'too_many_requests', retry_after: 1 }] })
    await emulator.command('users', 'get', 'user_ada')
    const shoot = (name) => page.screenshot({ path: join(folder, `emulator-${name}.png`) })
    const size = { width: 1240, height: 760 }

    await open({ viewport: size, colorScheme: 'light' }, '#/users/user_ada')
    await edit(['role'], 'admin')
    await sheet().getByText('public_metadata.role').waitFor()
    await shoot('light')
    await open({ viewport: size, colorScheme: 'dark' }, '#/requests')
    await page.locator('.row', { hasText: 'user_grace' }).click()
    await page.locator('.detail .changes').waitFor()
    await shoot('dark')
    await open({ viewport: { width: 390, height: 760 }, deviceScaleFactor: 1 }, '#/users/user_ada')
    await value('role').waitFor()
    await shoot('narrow')
  })
})
