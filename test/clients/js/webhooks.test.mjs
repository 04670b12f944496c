// The emulator's webhooks, verified by Clerk's own verifyWebhook.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, describe, it } from 'node:test'

import { createClerkClient } from '@clerk/backend'
import { verifyWebhook } from '@clerk/backend/webhooks'

import { secretKey, start } from '../emulator.mjs'

const signingSecret = `whsec_${Buffer.from('the signing key of nobody').toString('base64')}`
const emulator = await start()
const clerk = createClerkClient({ secretKey, apiUrl: emulator.url, telemetry: { disabled: true } })

/** What the receiver got, and who waits for more. */
const received = []
let arrived = () => {}
const receiver = createServer(async (req, res) => {
  const chunks = []
  for await (const chunk of req) chunks.push(chunk)
  received.push({ method: req.method, headers: req.headers, body: Buffer.concat(chunks) })
  res.writeHead(204).end()
  arrived()
}).listen(0, '127.0.0.1')
await new Promise((resolve) => receiver.once('listening', resolve))

after(async () => {
  receiver.closeAllConnections()
  receiver.close()
  await emulator.stop()
})

const count = async (n) => {
  while (received.length < n) await new Promise((resolve) => { arrived = resolve })
}
const request = ({ method, headers, body }, changed = body) => new Request('http://127.0.0.1/', {
  method, body: changed, headers: Object.entries(headers).filter(([name]) => name.startsWith('svix-') || name === 'content-type'),
})

await emulator.control('PUT', 'state', {
  secret_key: secretKey, webhook_secret: signingSecret,
  webhooks: [{ url: `http://127.0.0.1:${receiver.address().port}/clerk` }],
  users: [{ id: 'user_1' }], organizations: [{ id: 'org_1', name: 'Acme' }],
})

describe('verifyWebhook', () => {
  const types = [
    'user.created', 'user.updated', 'organization.updated', 'organizationMembership.created', 'organizationMembership.updated',
    'organizationInvitation.created', 'organizationInvitation.revoked', 'organizationMembership.deleted', 'user.deleted',
  ]
  it('accepts the events of the emulator', async () => {
    const user = await clerk.users.createUser({ firstName: 'Katherine', privateMetadata: { crm: 1 }, skipPasswordRequirement: true })
    await clerk.users.updateUserMetadata(user.id, { privateMetadata: { text: '<é> 🦊 & "quoted"' } })
    await clerk.organizations.updateOrganizationMetadata('org_1', { publicMetadata: { tier: 'gold' } })
    await clerk.organizations.createOrganizationMembership({ organizationId: 'org_1', userId: user.id, role: 'org:member' })
    await clerk.organizations.updateOrganizationMembershipMetadata({ organizationId: 'org_1', userId: user.id, publicMetadata: { desk: 4 } })
    const invitation = await clerk.organizations.createOrganizationInvitation({ organizationId: 'org_1', emailAddress: 'guest@example.com', role: 'org:member' })
    await clerk.organizations.revokeOrganizationInvitation({ organizationId: 'org_1', invitationId: invitation.id })
    await clerk.organizations.deleteOrganizationMembership({ organizationId: 'org_1', userId: user.id })
    await clerk.users.deleteUser(user.id)
    await count(types.length)

    const events = await Promise.all(received.map((one) => verifyWebhook(request(one), { signingSecret })))
    assert.deepEqual(events.map((event) => event.type), types)
    assert.equal(new Set(received.map((one) => one.headers['svix-id'])).size, types.length)
    assert.deepEqual(events[1].data.private_metadata, { crm: 1, text: '<é> 🦊 & "quoted"' })
    assert.equal(events.at(-1).data.deleted, true)
  })
  it('refuses them once they are damaged, or with another secret', async () => {
    for (const one of received) {
      await assert.rejects(verifyWebhook(request(one, Buffer.concat([one.body, Buffer.from(' ')])), { signingSecret }))
      const another = `whsec_${Buffer.from('another signing key of nobody').toString('base64')}`
      await assert.rejects(verifyWebhook(request(one), { signingSecret: another }))
    }
  })
})
