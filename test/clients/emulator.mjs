// Starts an emulator and the recorder in front of it, for the tests in js and browser.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '..', '..')

export const secretKey = 'sk_test_clients'

const seed = {
  secret_key: secretKey,
  users: [
    {
      id: 'user_1', first_name: 'Ada',
      public_metadata: { plan: 'free', limits: { seats: 3, trial: true } },
      private_metadata: { crm: { id: 7 } },
      unsafe_metadata: { theme: 'dark', layout: { left: true, width: 2 } },
    },
    { id: 'user_2', first_name: 'Grace' },
    { id: 'user_3', first_name: 'Edsger' },
  ],
  organizations: [
    { id: 'org_1', slug: 'acme', name: 'Acme', public_metadata: { tier: { name: 'gold', since: 2020 } } },
    { id: 'org_2', slug: 'initech', name: 'Initech' },
  ],
  memberships: [
    { organization_id: 'org_1', user_id: 'user_1', role: 'org:admin', public_metadata: { desk: { floor: 1, seat: 4 } } },
    { organization_id: 'org_1', user_id: 'user_2' },
  ],
  sessions: [{ id: 'sess_1', user_id: 'user_1', client_token: 'client-1', dev_browser: 'dvb_1' }],
}

/**
 * Starts both. What clients are given is `url`; `control` talks to the emulator itself. `stop` ends both
 * and throws where anything that passed was not as Clerk's documents say. Both end with this process too.
 */
export async function start({ limits = 'off', tls = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'clerkmeta-clients-'))
  const file = (name) => join(folder, name)
  try {
    execFileSync('go', ['build', '-C', root, '-o', file('clerkmeta'), './cmd/clerkmeta'], { stdio: 'inherit' })
    execFileSync('go', ['build', '-C', here, '-o', file('record'), './record'], { stdio: 'inherit' })
    writeFileSync(file('seed.json'), JSON.stringify(seed))
    const out = process.env.CLERKMETA_EXCHANGES
    const recorder = await run(file('record'), [
      `-tls=${tls}`, ...(out ? ['-out', out] : []),
      file('clerkmeta'), 'emulate', '--addr', '127.0.0.1:0', '--seed', file('seed.json'), '--limits', limits, '--log', 'off',
    ])
    const control = async (method, path, body) => {
      const answer = await fetch(`${recorder.emulator}/_emulator/${path}`, { method, body: body && JSON.stringify(body) })
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
      return answer.json()
    }
    return {
      url: recorder.url,
      control,
      reset: () => control('POST', 'reset'),
      fault: (operation, ...faults) => control('POST', 'faults', { operation, faults }),
      async stop() {
        const { code, output } = await recorder.stop()
        rmSync(folder, { recursive: true, force: true })
        if (code !== 0) throw new Error(output)
        return output
      },
    }
  } catch (err) {
    rmSync(folder, { recursive: true, force: true })
    throw err
  }
}

/** Runs the recorder until it says where it listens. It ends when its standard input does. */
async function run(program, args) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  const ended = new Promise((resolve) => child.on('close', resolve))
  const found = await new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      output += chunk
      const found = /emulator at (\S+)\nlistening on (\S+)/.exec(output)
      if (found) resolve(found)
    })
    child.stderr.on('data', (chunk) => { output += chunk })
    child.on('error', reject)
    ended.then((code) => reject(new Error(`${program} ended with ${code}:\n${output}`)))
  })
  return {
    emulator: found[1],
    url: found[2],
    async stop() {
      child.stdin.end()
      return { code: await ended, output }
    },
  }
}

/** A publishable key that points at an address. */
export const publishableKey = (url) => 'pk_test_' + Buffer.from(`${new URL(url).host}$`).toString('base64')
