// Starts an emulator, for the tests of its page.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Builds the command and runs `emulate` with a seed. `command` runs another one against it; `stop` ends it as its operator would. */
export async function start(seed, ...flags) {
  const folder = mkdtempSync(join(tmpdir(), 'clerkmeta-page-'))
  const program = join(folder, 'clerkmeta')
  execFileSync('go', ['build', '-C', root, '-o', program, './cmd/clerkmeta'], { stdio: 'inherit' })
  writeFileSync(join(folder, 'seed.json'), JSON.stringify(seed))
  const child = spawn(program, ['emulate', '--addr', '127.0.0.1:0', '--seed', join(folder, 'seed.json'), '--log', 'off', ...flags])
  const kill = () => child.kill('SIGKILL')
  process.on('exit', kill)
  let output = ''
  const ended = new Promise((resolve) => child.on('close', (code) => {
    process.off('exit', kill)
    rmSync(folder, { recursive: true, force: true })
    resolve(code)
  }))
  const url = await new Promise((resolve, reject) => {
    child.stderr.on('data', (chunk) => { output += chunk })
    child.stdout.on('data', (chunk) => {
      output += chunk
      const found = /^listening on (\S+)\n/.exec(output)
      if (found) resolve(found[1])
    })
    child.on('error', reject)
    ended.then((code) => reject(new Error(`the emulator ended with ${code}:\n${output}`)))
  })
  return {
    url,
    pid: child.pid,
    async control(method, path, body) {
      const answer = await fetch(`${url}/_emulator/${path}`, { method, body: body && JSON.stringify(body) })
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
      return answer.json()
    },
    command: (...args) => new Promise((resolve, reject) => {
      const ran = spawn(program, args, { env: { ...process.env, CLERK_API_URL: url, CLERK_SECRET_KEY: seed.secret_key } })
      let printed = ''
      ran.stdout.on('data', (chunk) => { printed += chunk })
      ran.stderr.on('data', (chunk) => { printed += chunk })
      ran.on('error', reject)
      ran.on('close', (code) => resolve({ code, printed }))
    }),
    async stop() {
      child.kill('SIGTERM')
      const code = await ended
      if (code !== 0) throw new Error(`the emulator ended with ${code}:\n${output}`)
    },
  }
}
