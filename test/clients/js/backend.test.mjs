// Clerk's JavaScript backend client, @clerk/backend, pointed at the emulator. Its bodies and answers are
// in camel case at the top and as they are sent within metadata.
import assert from 'node:assert/strict'
import { after, beforeEach, describe, it } from 'node:test'

import { createClerkClient, verifyToken } from '@clerk/backend'
import { isClerkAPIResponseError } from '@clerk/backend/errors'

import { publishableKey, secretKey, start } from '../emulator.mjs'

const emulator = await start()
const clerk = createClerkClient({ secretKey, apiUrl: emulator.url, publishableKey: publishableKey(emulator.url), telemetry: { disabled: true } })

after(async () => console.log(await emulator.stop()))
beforeEach(() => emulator.reset())

/** The error of a call that fails. */
async function refusal(call) {
  const err = await call.then(() => assert.fail('it did not fail'), (err) => err)
  assert.ok(isClerkAPIResponseError(err), String(err))
  return err
}

const asked = async (operation) => {
  const { requests } = await emulator.control('GET', `requests?operation=${operation}`)
  return requests
}

describe('user metadata', () => {
  it('merges, nested objects too', async () => {
    const user = await clerk.users.updateUserMetadata('user_1', { publicMetadata: { limits: { seats: 5 }, role: 'admin' } })
    assert.deepEqual(user.publicMetadata, { plan: 'free', limits: { seats: 5, trial: true }, role: 'admin' })
    assert.deepEqual(user.privateMetadata, { crm: { id: 7 } })
    assert.deepEqual((await clerk.users.getUser('user_1')).publicMetadata, user.publicMetadata)
  })
  it('removes keys that are null, nested ones too', async () => {
    const user = await clerk.users.updateUserMetadata('user_1', { publicMetadata: { plan: null, limits: { trial: null } } })
    assert.deepEqual(user.publicMetadata, { limits: { seats: 3 } })
  })
  it('leaves keys in camel case as they are', async () => {
    const user = await clerk.users.updateUserMetadata('user_1', { unsafeMetadata: { darkMode: { autoSwitch: true } } })
    assert.deepEqual(user.unsafeMetadata.darkMode, { autoSwitch: true })
  })
  it('replaces a field and leaves the others', async () => {
    const user = await clerk.users.replaceUserMetadata('user_1', { publicMetadata: { only: { this: null } } })
    assert.deepEqual(user.publicMetadata, { only: { this: null } })
    assert.deepEqual(user.unsafeMetadata, { theme: 'dark', layout: { left: true, width: 2 } })
  })
  it('clears a field with an empty object', async () => {
    assert.deepEqual((await clerk.users.replaceUserMetadata('user_1', { privateMetadata: {} })).privateMetadata, {})
  })
  it('turns the general update with metadata into a replacement', async () => {
    const user = await clerk.users.updateUser('user_1', { firstName: 'Augusta', publicMetadata: { a: 1 } })
    assert.deepEqual([user.firstName, user.publicMetadata], ['Augusta', { a: 1 }])
    assert.equal((await asked('ReplaceUserMetadata')).length, 1)
  })
})

describe('invitations', () => {
  it('carry public metadata, are listed and revoked', async () => {
    const made = await clerk.invitations.createInvitation({ emailAddress: 'new@example.com', publicMetadata: { plan: 'pro' }, notify: false })
    assert.deepEqual([made.status, made.publicMetadata], ['pending', { plan: 'pro' }])
    const again = await refusal(clerk.invitations.createInvitation({ emailAddress: 'new@example.com' }))
    assert.equal(again.errors[0].code, 'duplicate_record')
    const list = await clerk.invitations.getInvitationList({ status: 'pending' })
    assert.deepEqual([list.totalCount, list.data.map(({ id }) => id)], [1, [made.id]])
    assert.equal((await clerk.invitations.revokeInvitation(made.id)).status, 'revoked')
  })
  it('to an organization carry both kinds of metadata', async () => {
    const made = await clerk.organizations.createOrganizationInvitation({
      organizationId: 'org_1', emailAddress: 'new@example.com', role: 'org:member', publicMetadata: { team: 'a' }, privateMetadata: { crm: 7 },
    })
    assert.deepEqual([made.publicMetadata, made.privateMetadata], [{ team: 'a' }, { crm: 7 }])
    const list = await clerk.organizations.getOrganizationInvitationList({ organizationId: 'org_1', status: ['pending'] })
    assert.deepEqual([list.totalCount, list.data[0].id], [1, made.id])
  })
})

describe('users', () => {
  it('are listed by id, unknown ones skipped', async () => {
    const { data, totalCount } = await clerk.users.getUserList({ userId: ['user_1', 'user_3', 'user_unknown'] })
    assert.deepEqual(data.map((u) => u.id).sort(), ['user_1', 'user_3'])
    assert.equal(totalCount, 2)
  })
  it('are listed in pages', async () => {
    const pages = []
    for (let offset = 0; offset < 3; offset += 2) {
      pages.push((await clerk.users.getUserList({ limit: 2, offset, orderBy: '+created_at' })).data.map((u) => u.id))
    }
    assert.deepEqual(pages, [['user_1', 'user_2'], ['user_3']])
  })
  it('are counted', async () => {
    assert.equal(await clerk.users.getCount(), 3)
    assert.equal(await clerk.users.getCount({ userId: ['user_1', 'user_unknown'] }), 1)
  })
  it('are found by address, number, name and external id', async () => {
    const made = await clerk.users.createUser({
      emailAddress: ['Grace@example.com'], phoneNumber: ['+12015550123'], username: 'grace', externalId: '4711', skipPasswordRequirement: true,
    })
    for (const by of [{ emailAddress: ['grace@example.com'] }, { phoneNumber: ['+12015550123'] }, { username: ['grace'] }, { externalId: ['4711'] }]) {
      const { data } = await clerk.users.getUserList(by)
      assert.deepEqual(data.map(({ id }) => id), [made.id], JSON.stringify(by))
    }
    assert.deepEqual((await clerk.users.getUserList({ externalId: ['4712'] })).data, [])
  })
  it('are made with metadata, renamed and deleted', async () => {
    const made = await clerk.users.createUser({
      firstName: 'Katherine', skipPasswordRequirement: true,
      publicMetadata: { a: { b: 1 } }, privateMetadata: { c: 2 }, unsafeMetadata: { d: [3] },
    })
    assert.deepEqual([made.publicMetadata, made.privateMetadata, made.unsafeMetadata], [{ a: { b: 1 } }, { c: 2 }, { d: [3] }])
    assert.equal((await clerk.users.updateUser(made.id, { firstName: 'K' })).firstName, 'K')
    assert.equal((await clerk.users.deleteUser(made.id)).id, made.id)
    assert.equal((await refusal(clerk.users.getUser(made.id))).status, 404)
  })
  it('have times in milliseconds', async () => {
    const { createdAt } = await clerk.users.getUser('user_1')
    assert.ok(Math.abs(Date.now() - createdAt) < 60 * 60 * 1000, String(createdAt))
  })
})

describe('organizations', () => {
  it('are merged and replaced', async () => {
    const merged = await clerk.organizations.updateOrganizationMetadata('org_1', { publicMetadata: { tier: { since: null, until: 2030 } }, privateMetadata: { vat: 'X1' } })
    assert.deepEqual(merged.publicMetadata, { tier: { name: 'gold', until: 2030 } })
    const replaced = await clerk.organizations.replaceOrganizationMetadata('org_1', { publicMetadata: {} })
    assert.deepEqual([replaced.publicMetadata, replaced.privateMetadata], [{}, { vat: 'X1' }])
  })
  it('are read by id and by slug, and listed', async () => {
    assert.equal((await clerk.organizations.getOrganization({ organizationId: 'org_1' })).slug, 'acme')
    assert.equal((await clerk.organizations.getOrganization({ slug: 'acme' })).id, 'org_1')
    const { data, totalCount } = await clerk.organizations.getOrganizationList()
    assert.deepEqual([data.length, totalCount], [2, 2])
  })
  it('come and go', async () => {
    const made = await clerk.organizations.createOrganization({ name: 'Globex', createdBy: 'user_3', publicMetadata: { a: 1 } })
    assert.deepEqual(made.publicMetadata, { a: 1 })
    assert.equal((await clerk.organizations.updateOrganization(made.id, { name: 'Globex 2' })).name, 'Globex 2')
    await clerk.organizations.deleteOrganization(made.id)
    assert.equal((await refusal(clerk.organizations.getOrganization({ organizationId: made.id }))).status, 404)
  })
})

describe('memberships', () => {
  it('are merged', async () => {
    const m = await clerk.organizations.updateOrganizationMembershipMetadata({
      organizationId: 'org_1', userId: 'user_1', publicMetadata: { desk: { seat: null, lamp: true } },
    })
    assert.deepEqual(m.publicMetadata, { desk: { floor: 1, lamp: true } })
  })
  it('are listed, by user too', async () => {
    const all = await clerk.organizations.getOrganizationMembershipList({ organizationId: 'org_1' })
    assert.deepEqual([all.data.length, all.totalCount], [2, 2])
    const one = await clerk.organizations.getOrganizationMembershipList({ organizationId: 'org_1', userId: ['user_2'] })
    assert.deepEqual(one.data.map((m) => m.publicUserData.userId), ['user_2'])
    assert.deepEqual((await clerk.users.getOrganizationMembershipList({ userId: 'user_1' })).data.map((m) => m.organization.id), ['org_1'])
  })
  it('come and go', async () => {
    const at = { organizationId: 'org_2', userId: 'user_2' }
    assert.equal((await clerk.organizations.createOrganizationMembership({ ...at, role: 'org:member' })).role, 'org:member')
    assert.equal((await clerk.organizations.updateOrganizationMembership({ ...at, role: 'org:admin' })).role, 'org:admin')
    await clerk.organizations.deleteOrganizationMembership(at)
    assert.equal((await clerk.organizations.getOrganizationMembershipList({ organizationId: 'org_2' })).totalCount, 0)
  })
})

describe('errors', () => {
  it('tell status, code and trace of an unknown user', async () => {
    const err = await refusal(clerk.users.updateUserMetadata('user_unknown', { publicMetadata: {} }))
    assert.equal(err.status, 404)
    assert.equal(err.errors[0].code, 'resource_not_found')
    assert.ok(err.clerkTraceId)
  })
  it('name the field', async () => {
    const err = await refusal(clerk.users.updateUserMetadata('user_1', { publicMetadata: 'x' }))
    assert.equal(err.status, 422)
    assert.equal(err.errors[0].code, 'form_param_value_invalid')
    assert.equal(err.errors[0].meta.paramName, 'public_metadata')
  })
  it('say that metadata is too large', async () => {
    const err = await refusal(clerk.users.updateUserMetadata('user_1', { publicMetadata: { a: 'x'.repeat(9000) } }))
    assert.deepEqual([err.status, err.errors[0].code], [422, 'form_param_exceeds_allowed_size'])
  })
  it('refuse a wrong secret key', async () => {
    const err = await refusal(createClerkClient({ secretKey: 'sk_test_wrong', apiUrl: emulator.url }).users.getUser('user_1'))
    assert.deepEqual([err.status, err.errors[0].code], [401, 'clerk_key_invalid'])
  })
  it('tell how long to wait, and nothing is tried again', async () => {
    await emulator.fault('UpdateUserMetadata', { status: 429, code: 'too_many_requests', retry_after: 7 })
    const err = await refusal(clerk.users.updateUserMetadata('user_1', { publicMetadata: { a: 1 } }))
    assert.deepEqual([err.status, err.retryAfter, err.errors[0].code], [429, 7, 'too_many_requests'])
    assert.equal((await asked('UpdateUserMetadata')).length, 1)
  })
})

describe('sessions', () => {
  it('are created, listed, read and revoked', async () => {
    const made = await clerk.sessions.createSession({ userId: 'user_2' })
    assert.deepEqual([made.userId, made.status], ['user_2', 'active'])
    const page = await clerk.sessions.getSessionList({ userId: 'user_2', status: 'active' })
    assert.deepEqual([page.totalCount, page.data.map((s) => s.id)], [1, [made.id]])
    assert.equal((await clerk.sessions.revokeSession(made.id)).status, 'revoked')
    assert.equal((await clerk.sessions.getSession(made.id)).status, 'revoked')
    assert.equal((await refusal(clerk.sessions.getToken(made.id))).status, 404)
  })
})

describe('session tokens', () => {
  const signedIn = async () => {
    const answer = await fetch(`${emulator.url}/v1/client/sessions/sess_1/tokens`, { method: 'POST', headers: { cookie: '__client=client-1' } })
    assert.equal(answer.status, 200, await answer.clone().text())
    return (await answer.json()).jwt
  }
  it('are verified with the key set of the Backend API', async () => {
    const claims = await verifyToken(await signedIn(), { secretKey, apiUrl: emulator.url })
    assert.deepEqual([claims.sub, claims.sid], ['user_1', 'sess_1'])
    await assert.rejects(verifyToken((await signedIn()).slice(0, -8) + 'AAAAAAAA', { secretKey, apiUrl: emulator.url }), /signature/i)
  })
  it('are issued by the Backend API', async () => {
    const { jwt } = await clerk.sessions.getToken('sess_1', undefined, 30)
    const claims = await verifyToken(jwt, { secretKey, apiUrl: emulator.url })
    assert.deepEqual([claims.sid, claims.exp - claims.iat], ['sess_1', 30])
  })
  it('sign a request in', async () => {
    const request = new Request('http://127.0.0.1/', { headers: { authorization: `Bearer ${await signedIn()}` } })
    const state = await clerk.authenticateRequest(request)
    assert.equal(state.isSignedIn, true, state.message)
    assert.equal(state.toAuth().userId, 'user_1')
  })
})

describe('rate limits', () => {
  it('stop the eleventh write to a user', async () => {
    const limited = await start({ limits: 'development' })
    const api = createClerkClient({ secretKey, apiUrl: limited.url })
    try {
      const writes = await Promise.allSettled(Array.from({ length: 11 }, (_, i) => api.users.updateUserMetadata('user_1', { publicMetadata: { [`k${i}`]: i } })))
      const refused = writes.filter((w) => w.status === 'rejected').map((w) => w.reason)
      assert.equal(refused.length, 1)
      assert.equal(refused[0].status, 429)
      assert.ok(refused[0].retryAfter > 0 && refused[0].retryAfter <= 10, String(refused[0].retryAfter))
      const { publicMetadata } = await api.users.getUser('user_1')
      assert.equal(Object.keys(publicMetadata).filter((k) => /^k\d+$/.test(k)).length, 10, 'no update is lost')
    } finally {
      await limited.stop()
    }
  })
})
