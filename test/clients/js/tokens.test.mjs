// The verdicts of contrib/claims on 200 session tokens, beside those of Clerk's own verifyToken.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

import { verifyToken } from '@clerk/backend'

const clients = fileURLToPath(new URL('..', import.meta.url))
const set = JSON.parse(execFileSync('go', ['run', '-C', clients, './tokens/print'], { maxBuffer: 1 << 24, stdio: ['pipe', 'pipe', 'inherit'] }))

const server = createServer((_, res) => res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(set.keys)))
server.listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
after(() => server.close())

/** Whether Clerk's backend client accepts a token. */
const accepts = async (token) => {
  try {
    await verifyToken(token, {
      secretKey: 'sk_test_obviously_fake', apiUrl: `http://127.0.0.1:${server.address().port}`,
      authorizedParties: [set.party], issuer: set.issuer, clockSkewInMs: set.leeway,
    })
    return true
  } catch {
    return false
  }
}

describe('verdicts on session tokens', () => {
  it('differ only where the reason is known', async () => {
    assert.equal(set.tokens.length, 200)
    const differ = new Set()
    for (const [i, token] of set.tokens.entries()) {
      assert.equal(set.verdicts[i], token.Good, `contrib/claims: ${token.Name}`)
      if (await accepts(token.Text) !== set.verdicts[i]) differ.add(token.Name)
    }
    const explained = set.differences.filter((d) => d.Verifier === '@clerk/backend').map((d) => d.Name)
    assert.deepEqual([...differ].sort(), explained.sort())
  })
})
