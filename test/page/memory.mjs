// The emulator's memory with its page open, after 10,000 and after 100,000 requests: bash test/clients/run memory
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { it } from 'node:test'

import { launch, skip } from '../clients/browser/chromium.mjs'
import { start } from './emulator.mjs'

const secretKey = 'sk_test_memory'
const atOnce = 8

/** The resident size of a process in KiB: the median of twenty looks in two seconds. */
async function residentSize(pid) {
  const sizes = []
  for (let i = 0; i < 20; i++) {
    sizes.push(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]))
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return sizes.sort((a, b) => a - b)[10]
}

it('does not grow with the requests', { skip }, async () => {
  const emulator = await start({ secret_key: secretKey, users: [{ id: 'user_1' }] })
  const browser = await launch()
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const { hostname: host, port } = new URL(emulator.url)
  const write = (n) => new Promise((resolve, reject) => {
    const sent = request({
      agent, host, port, method: 'PATCH', path: '/v1/users/user_1/metadata',
      headers: { Authorization: `Bearer ${secretKey}`, 'Content-Type': 'application/json' },
    }, (answer) => answer.resume().on('end', resolve))
    sent.on('error', reject)
    sent.end(JSON.stringify({ public_metadata: { n } }))
  })
  let written = 0
  const writeUpTo = (count) => Promise.all(Array.from({ length: atOnce }, async () => {
    while (written < count) await write(++written)
  }))
  try {
    const page = await browser.newPage()
    await page.goto(`${emulator.url}/#/requests`)
    const sizes = []
    for (const count of [10_000, 100_000]) {
      await writeUpTo(count)
      // A page that fell behind loads everything again.
      await page.locator('#connection[data-state=live]').waitFor()
      await page.locator('.head .count', { hasText: '1000' }).waitFor()
      sizes.push(await residentSize(emulator.pid))
      const heap = await page.evaluate(() => performance.memory.usedJSHeapSize)
      console.log(`${count} requests: emulator ${sizes.at(-1)} KiB, page ${Math.round(heap / 1024)} KiB of heap`)
    }
    assert.ok(Math.abs(sizes[1] - sizes[0]) <= sizes[0] / 10, `${sizes[0]} and ${sizes[1]} KiB differ by more than 10 %`)
  } finally {
    agent.destroy()
    await browser.close()
    await emulator.stop()
  }
})
