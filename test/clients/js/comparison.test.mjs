// What docs/comparison.md says of Clerk's JavaScript backend client, found out row by row.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { after, beforeEach, describe, it } from 'node:test'
import { inspect } from 'node:util'

import { createClerkClient, verifyToken } from '@clerk/backend'
import { verifyWebhook } from '@clerk/backend/webhooks'

import { secretKey, start } from '../emulator.mjs'

// Half of these requests are mistakes on purpose, so they are not compared with Clerk's documents.
delete process.env.CLERK_OPENAPI_DIR
const emulator = await start({ limits: 'development' })
const clerk = createClerkClient({ secretKey, apiUrl: emulator.url, telemetry: { disabled: true } })

after(() => emulator.stop())
beforeEach(() => emulator.reset())

const here = (path) => readFileSync(new URL(path, import.meta.url), 'utf8')
const table = new Map(here('../../../docs/comparison.md').split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| |'))
  .map((line) => line.slice(2, -2).split(' | '))
  .map(([behaviour, , , cell]) => [behaviour, cell]))

const dist = new URL('.', import.meta.resolve('@clerk/backend'))
const source = readdirSync(dist).filter((file) => file.endsWith('.mjs')).map((file) => readFileSync(new URL(file, dist), 'utf8')).join()

const asked = async () => (await emulator.control('GET', 'requests')).requests
const works = (call) => call.then(() => true, () => false)
const failure = (call) => call.then(() => assert.fail('it did not fail'), (err) => err)
const write = (privateMetadata = { crm: { id: 8 } }, id = 'user_1') => clerk.users.updateUserMetadata(id, { privateMetadata })
const script = (...faults) => emulator.fault('UpdateUserMetadata', ...faults)
/** Whether a write works that meets the faults, and the error of one that does not. */
const survives = async (...faults) => { await script(...faults); return works(write()) }
const refusal = async (...faults) => { await script(...faults); return failure(write()) }
const token = async () => {
  const answer = await fetch(`${emulator.url}/v1/client/sessions/sess_1/tokens`, { method: 'POST', headers: { cookie: '__client=client-1' } })
  return (await answer.json()).jwt
}

const behaviours = {
  'Metadata of users and organizations, merged and replaced': async () => {
    await write()
    await clerk.users.replaceUserMetadata('user_1', { privateMetadata: {} })
    return works(clerk.organizations.updateOrganizationMetadata('org_1', { publicMetadata: { a: 1 } }))
  },
  'Metadata of memberships': () => works(clerk.organizations.updateOrganizationMembershipMetadata({ organizationId: 'org_1', userId: 'user_1', publicMetadata: { a: 1 } })),
  "The signed-in user's own, with their credential": () => source.includes('/me/metadata'),
  'Asks for API version 2026-05-12': async () => {
    await write()
    const [request] = await asked()
    return Object.entries(request.header).some(([name, [value]]) => name.toLowerCase() === 'clerk-api-version' && value === '2026-05-12')
  },
  'Large numbers keep their digits': async () => {
    await emulator.control('PUT', 'state', { users: [{ id: 'user_1' }] })
    await fetch(`${emulator.url}/v1/users/user_1/metadata`, {
      method: 'PUT', headers: { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' }, body: '{"private_metadata":{"n":9007199254740993}}',
    })
    return `${(await clerk.users.getUser('user_1')).privateMetadata.n}` === '9007199254740993'
  },
  'A nil inside a merge is refused and deletes nothing': async () => !await works(write({ crm: null })),
  'A null for a whole field of a merge is not sent': async () => {
    await works(write(null))
    return (await asked()).length === 0
  },
  'Many users by their ids are one request': async () => {
    await clerk.users.getUserList({ userId: ['user_1', 'user_2'] })
    return (await asked()).length === 1
  },
  'A 429 is tried again, after the wait that it asks for': () => survives({ status: 429, code: 'too_many_requests', retry_after: 1 }),
  'A 409 `resource_locked` is tried again': () => survives({ status: 409, code: 'resource_locked' }),
  'A 503 and a lost connection are tried again': () => survives({ status: 503, code: 'service_unavailable' }, { drop: true }),
  "Keeps to Clerk's rate limit, if configured": async () => (await Promise.all(Array.from({ length: 11 }, () => works(write())))).every(Boolean),
  'An HTML error page keeps its status': async () => (await refusal({ status: 403, content_type: 'text/html', body: '<h1>Forbidden</h1>' })).status === 403,
  'An error contains status, code, trace id and `Retry-After`': async () => {
    const err = await refusal({ status: 429, code: 'too_many_requests', retry_after: 3600 })
    return err.status === 429 && err.errors[0].code === 'too_many_requests' && Boolean(err.clerkTraceId) && err.retryAfter === 3600
  },
  'An error says whether the write may be stored': async () => {
    const lost = await refusal({ drop: true, applied: true })
    await emulator.reset()
    const refused = await refusal({ drop: true })
    return inspect(lost) !== inspect(refused) && Object.keys(lost).some((key) => !(key in refused))
  },
  "An error's text quotes nothing that was sent": async () => {
    const err = await refusal({ status: 422, code: 'form_param_value_invalid', message: 'cus_new is invalid' })
    return !`${err} ${err.message}`.includes('cus_new')
  },
  'A failed call returns no user': async () => !await works(write({}, 'user_unknown')),
  'An id cannot turn a call into another': async () => {
    for (const id of ['user_1#f', 'a/../../organizations/org_1']) await works(write({ a: 1 }, id))
    return (await asked()).every((r) => r.operation === 'UpdateUserMetadata')
  },
  'Metadata follows no redirect to another host': async () => {
    let followed = 0
    const elsewhere = createServer((_, res) => { followed++; res.end() }).listen(0, '127.0.0.1')
    await new Promise((resolve) => elsewhere.once('listening', resolve))
    await survives({ status: 307, body: '', header: { Location: `http://127.0.0.1:${elsewhere.address().port}/` } })
    elsewhere.closeAllConnections()
    elsewhere.close()
    return followed === 0
  },
  'What holds the key does not print it': () => !inspect(clerk, { depth: 9 }).includes(secretKey) && !JSON.stringify(clerk).includes(secretKey),
  "All of Clerk's Backend API": () => works(clerk.users.createUser({ firstName: 'Katherine', skipPasswordRequirement: true })),
  'Verifies session tokens': async () => works(verifyToken(await token(), { secretKey, apiUrl: emulator.url })),
  'Verifies the signature of webhooks': async () => {
    const key = Buffer.from('a key of nobody').toString('base64')
    const body = '{"type":"user.updated","data":{}}'
    const signed = (secret) => {
      const at = `${Math.floor(Date.now() / 1000)}`
      const sum = createHmac('sha256', Buffer.from(secret, 'base64')).update(`msg_1.${at}.${body}`).digest('base64')
      const headers = { 'svix-id': 'msg_1', 'svix-timestamp': at, 'svix-signature': `v1,${sum}` }
      return verifyWebhook(new Request('http://127.0.0.1/', { method: 'POST', body, headers }), { signingSecret: `whsec_${key}` })
    }
    return await works(signed(key)) && !await works(signed(Buffer.from('another').toString('base64')))
  },
}

describe('docs/comparison.md', () => {
  for (const [behaviour, finds] of Object.entries(behaviours)) {
    it(behaviour, async () => assert.equal(table.get(behaviour), await finds() ? 'yes' : 'no'))
  }
  it('counts the packages', () => {
    const { packages } = JSON.parse(here('package-lock.json'))
    assert.equal(table.get('Modules or packages that come with it'), `${Object.entries(packages).filter(([path, p]) => path && !p.peer).length - 1}`)
  })
  it('is right that the key set is tried again', async () => {
    const jwt = await token()
    await emulator.fault('GetJWKS', { status: 503, code: 'service_unavailable' })
    assert.ok(await works(verifyToken(jwt, { secretKey, apiUrl: emulator.url, skipJwksCache: true })))
    assert.equal((await asked()).filter((r) => r.operation === 'GetJWKS').length, 2)
  })
  it('has no other rows', () => assert.deepEqual([...table.keys()].sort(), [...Object.keys(behaviours), 'Modules or packages that come with it'].sort()))
})
