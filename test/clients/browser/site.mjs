// Starts examples/proxy: a site with package proxy in front of an emulator, in one process.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Builds and starts the site with the browser client of a folder. `stop` ends it as its operator would, and returns its log. */
export async function start(bundle) {
  const folder = mkdtempSync(join(tmpdir(), 'clerkmeta-site-'))
  const program = join(folder, 'site')
  execFileSync('go', ['build', '-C', root, '-o', program, './examples/proxy'], { stdio: 'inherit' })
  const child = spawn(program, ['-addr', '127.0.0.1:0', '-clerk-js', bundle])
  const kill = () => child.kill('SIGKILL')
  process.on('exit', kill)
  let log = ''
  child.stderr.on('data', (chunk) => { log += chunk })
  const ended = new Promise((resolve) => child.on('close', (code) => {
    process.off('exit', kill)
    rmSync(folder, { recursive: true, force: true })
    resolve(code)
  }))
  const url = await new Promise((resolve, reject) => {
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
      const found = /^open (\S+) /.exec(output)
      if (found) resolve(found[1])
    })
    child.on('error', reject)
    ended.then((code) => reject(new Error(`the site ended with ${code}:\n${log}`)))
  })
  return {
    url,
    async control(method, path) {
      const answer = await fetch(`${url}/_emulator/${path}`, { method })
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
      return answer.json()
    },
    async stop() {
      child.kill('SIGTERM')
      const code = await ended
      if (code !== 0) throw new Error(`the site ended with ${code}:\n${log}`)
      return log
    },
  }
}
