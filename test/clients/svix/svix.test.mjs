// Package webhook's verdicts beside those of Svix's own library, on generated deliveries of which half are damaged.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

import { Webhook } from 'svix'

const deliveries = 1000
const clients = fileURLToPath(new URL('..', import.meta.url))

/** Numbers below a bound, the same in each run. */
let state = 16
const random = (bound) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return Math.floor(state / 2 ** 32 * bound)
}
const bytes = (length) => Buffer.from(Array.from({ length }, () => random(256)))
const secretOf = (key) => `whsec_${key.toString('base64')}`
const flip = (buffer) => {
  const damaged = Buffer.from(buffer)
  damaged[random(damaged.length)] ^= 1 << random(7)
  return damaged
}

const bodies = [
  () => JSON.stringify({ type: 'user.updated', object: 'event', timestamp: Date.now(), data: { id: `user_${random(1e6)}`, private_metadata: { crm: random(1e9) } } }),
  () => JSON.stringify({ type: 'organization.created', data: { id: 'org_1', name: 'Größe 🦊 <a> & "b"', public_metadata: { list: Array.from({ length: random(50) }, () => random(100)) } } }, null, random(3)),
  () => JSON.stringify({ type: 'sms.created', data: { text: 'x'.repeat(random(100_000)) } }),
  () => `{"type":"user.updated","data":{"id":"user_1","public_metadata":{"n":9007199254740993,"e":1.50}}}\r\n`,
  () => '\ufeff{}',
  () => '',
]

/** A delivery that Svix signed; sign signs it again after a change. */
function delivery() {
  const d = { secret: secretOf(bytes(24 + random(41))), prefix: random(2) ? 'svix' : 'webhook', id: `msg_${random(1e9)}`, at: new Date(), body: Buffer.from(bodies[random(bodies.length)]()) }
  d.sign = () => {
    d.timestamp = [`${Math.floor(d.at.getTime() / 1000)}`]
    d.signature = [new Webhook(d.secret).sign(d.id, d.at, d.body)]
  }
  d.sign()
  d.more = {}
  return d
}
const ago = (seconds) => new Date(Date.now() - 1000 * seconds)
const whole = (d) => { if (d.body.length < 2) { d.body = Buffer.from('{"type":"x","data":{}}'); d.sign() } }

/** What leaves a delivery valid. */
const harmless = {
  'nothing': () => {},
  'a signature of another secret before it': (d) => { d.signature = [`${new Webhook(secretOf(bytes(24))).sign(d.id, d.at, d.body)} ${d.signature}`] },
  'a signature of another secret after it': (d) => { d.signature = [`${d.signature} ${new Webhook(secretOf(bytes(24))).sign(d.id, d.at, d.body)}`] },
  'unknown versions beside it': (d) => { d.signature = [`v1a,${bytes(64).toString('base64')} v2,x ${d.signature} v0`] },
  'two spaces between signatures': (d) => { d.signature = [`v1,AAAA  ${d.signature} `] },
  'late': (d) => { d.at = ago(30 + random(240)); d.sign() },
  'early': (d) => { d.at = ago(-30 - random(240)); d.sign() },
  'both sets of headers, the other one garbage, svix valid': (d) => {
    d.prefix = 'svix'
    d.more = { 'webhook-id': ['x'], 'webhook-timestamp': ['1'], 'webhook-signature': ['v1,x'] }
  },
}

/** What damages one. */
const damages = {
  'a bit of the body': (d) => { whole(d); d.body[0] ^= 1 },
  'the body cut': (d) => { whole(d); d.body = d.body.subarray(0, d.body.length - 1) },
  'a space after the body': (d) => { d.body = Buffer.concat([d.body, Buffer.from(' ')]) },
  'the body as another program writes the same JSON': (d) => { d.body = Buffer.from('{"a": 1}'); d.sign(); d.body = Buffer.from('{"a":1}') },
  'a bit of the id': (d) => { d.id = flip(Buffer.from(d.id.slice(4))).toString('latin1') },
  'another id': (d) => { d.id += '0' },
  'no id': (d) => { d.id = '' },
  'the id twice': (d) => { d.id = [d.id, d.id] },
  'a bit of the signature': (d) => { d.signature = [`v1,${flip(Buffer.from(d.signature[0].slice(3))).toString('latin1')}`] },
  'the signature cut': (d) => { d.signature = [d.signature[0].slice(0, -1 - random(20))] },
  'no signature': (d) => { d.signature = [] },
  'an empty signature': (d) => { d.signature = ['v1,'] },
  'a version alone': (d) => { d.signature = ['v1'] },
  'the signature without a version': (d) => { d.signature = [d.signature[0].slice(3)] },
  'the signature of another version': (d) => { d.signature = [d.signature[0].replace('v1', ['v2', 'v1a', 'V1', '1', ' v1 '][random(5)])] },
  'the signature in hexadecimal': (d) => { d.signature = [`v1,${Buffer.from(d.signature[0].slice(3), 'base64').toString('hex')}`] },
  'the signature in URL-safe base64, without padding': (d) => { d.signature = [`v1,${Buffer.from(d.signature[0].slice(3), 'base64').toString('base64url')}`] },
  'a comma after the version is a colon': (d) => { d.signature = [d.signature[0].replace(',', ':')] },
  'a tab before the signature': (d) => { d.signature = [`\t${d.signature}`] },
  'a comma between signatures': (d) => { d.signature = [`v1,AAAA,${d.signature}`] },
  'the signature of another secret': (d) => { d.signature = [new Webhook(secretOf(bytes(32))).sign(d.id, d.at, d.body)] },
  'the signature of another delivery': (d) => { d.signature = [...delivery().signature] },
  'another secret': (d) => { d.secret = secretOf(bytes(24)) },
  'a bit of the secret': (d) => { d.secret = secretOf(flip(Buffer.from(d.secret.slice(6), 'base64'))) },
  'the secret cut': (d) => { d.secret = d.secret.slice(0, -5) },
  'an empty secret': (d) => { d.secret = '' },
  'an empty key': (d) => { d.secret = 'whsec_' },
  'a key that is no base64': (d) => { d.secret = 'whsec_not base64 at all!' },
  'too old': (d) => { d.at = ago(330 + random(1e6)); d.sign() },
  'from the future': (d) => { d.at = ago(-330 - random(1e6)); d.sign() },
  'another second': (d) => { d.timestamp = [`${Number(d.timestamp) - 1 - random(30)}`] },
  'milliseconds': (d) => { d.timestamp = [`${d.at.getTime()}`] },
  'no timestamp': (d) => { d.timestamp = [] },
  'a date': (d) => { d.timestamp = [d.at.toUTCString()] },
  'a year': (d) => { d.timestamp = [d.at.toISOString()] },
  'a timestamp of 20 digits': (d) => { d.timestamp = ['99999999999999999999'] },
  'no headers': (d) => { d.prefix = 'x' },
  'headers of another sender': (d) => { d.prefix = 'stripe' },
  // What follows is damaged, and one of the two accepts it: see differences.
  'a dot in the id': (d) => { d.id = 'msg_1.2'; d.sign() },
  'a key of fewer than 24 bytes': (d) => { d.secret = secretOf(bytes(1 + random(23))); d.sign() },
  'a secret without its prefix': (d) => { d.secret = d.secret.slice(6) },
  'a plus sign before the seconds': (d) => { d.timestamp = [`+${d.timestamp}`] },
  'white space around the seconds': (d) => { d.timestamp = [` ${d.timestamp}`] },
  'a zero before the seconds': (d) => { d.timestamp = [`0${d.timestamp}`] },
  'more after the seconds': (d) => { d.timestamp = [`${d.timestamp}${['.5', 's', ' UTC', 'e0'][random(4)]}`] },
  'the timestamp twice': (d) => { d.timestamp = [d.timestamp[0], d.timestamp[0]] },
  'the signature twice': (d) => { d.signature = [d.signature[0], d.signature[0]] },
  'more after the signature': (d) => { d.signature = [`${d.signature},more`] },
  'an id of the other set': (d) => { d.prefix = 'svix'; d.more = { 'webhook-id': [d.id] }; d.id = [] },
  'an empty id beside a whole set': (d) => {
    d.prefix = 'svix'
    d.more = { 'webhook-id': [d.id], 'webhook-timestamp': d.timestamp, 'webhook-signature': d.signature }
    d.id = ''
  },
  'text that is not UTF-8': (d) => { d.body = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]); d.sign() },
  'more than 1 MiB': (d) => { d.body = Buffer.from(`{"type":"x","data":"${'x'.repeat(1 << 20)}"}`); d.sign() },
}

/** Where the two differ: what Svix's library says, and why package webhook does not. */
const differences = {
  'a dot in the id': [true, 'id, time and body are signed with dots between them: parts of a body could move into the id'],
  'a key of fewer than 24 bytes': [true, 'Standard Webhooks gives a key 24 bytes or more: a short one is a damaged one'],
  'a secret without its prefix': [true, "Clerk shows secrets with it: something else was pasted"],
  'a plus sign before the seconds': [true, 'Svix writes digits; JavaScript reads the number that a text begins with'],
  'white space around the seconds': [true, 'Svix writes digits; over HTTP white space is gone before either library sees it'],
  'a zero before the seconds': [true, 'Svix writes the number without it'],
  'more after the seconds': [true, 'Svix writes digits; JavaScript stops reading where they end'],
  'the timestamp twice': [true, 'Node joins the two, and JavaScript reads the first; which one a sender meant is unknown'],
  'the signature twice': [true, 'Node joins the two; a header that comes twice has passed something that doubled it'],
  'more after the signature': [true, 'Svix writes two parts'],
  'an id of the other set': [true, 'no sender mixes them; middleware that writes one of them would be trusted'],
  'an empty id beside a whole set': [false, 'a set that is not whole does not count, whether a header is empty or missing'],
  'text that is not UTF-8': [true, 'the library signs and verifies text: any byte that is no UTF-8 is U+FFFD to it, so that one can replace another'],
  'more than 1 MiB': [true, 'a body is read up to webhook.MaxBody'],
}

function headers(d) {
  const all = { ...d.more, [`${d.prefix}-id`]: [d.id].flat(), [`${d.prefix}-timestamp`]: d.timestamp, [`${d.prefix}-signature`]: d.signature }
  return Object.fromEntries(Object.entries(all).filter(([, values]) => values.length > 0))
}

/** Whether Svix's library accepts a delivery. It parses the body too, which is not of interest here. */
function svix(d) {
  try {
    new Webhook(d.secret).verify(d.body, Object.fromEntries(Object.entries(headers(d)).map(([name, values]) => [name, values.join(', ')])))
    return true
  } catch (err) {
    return err instanceof SyntaxError
  }
}

function ours(all) {
  const lines = all.map((d) => JSON.stringify({ secret: d.secret, header: headers(d), body: d.body.toString('base64') }))
  return execFileSync('go', ['run', '-C', clients, './verdicts'], { input: lines.join('\n'), maxBuffer: 1 << 24, stdio: ['pipe', 'pipe', 'inherit'] })
    .toString().trim().split('\n').map((line) => line === 'true')
}

describe('verdicts on webhooks', () => {
  const all = Array.from({ length: deliveries }, (_, i) => {
    const d = delivery()
    const ways = Object.entries(i % 2 ? damages : harmless)
    const [name, change] = ways[(i >> 1) % ways.length]
    d.name = name
    d.damaged = i % 2 === 1
    change(d)
    return d
  })
  const [theirs, here] = [all.map(svix), ours(all)]

  it('has one for each', () => assert.equal(here.length, deliveries))
  it('accepts what is not damaged', () => {
    for (const [i, d] of all.entries()) {
      if (!d.damaged) assert.deepEqual([d.name, theirs[i], here[i]], [d.name, true, true])
    }
  })
  it('refuses what is damaged, as Svix does, apart from the differences', () => {
    for (const [i, d] of all.entries()) {
      if (d.damaged && !(d.name in differences)) assert.deepEqual([d.name, theirs[i], here[i]], [d.name, false, false])
    }
  })
  for (const [name, [verdict, why]] of Object.entries(differences)) {
    it(`${verdict ? 'refuses' : 'accepts'} ${name}, unlike Svix: ${why}`, () => {
      const found = all.map((d, i) => [d.name, theirs[i], here[i]]).filter(([of]) => of === name)
      assert.ok(found.length >= 5)
      for (const one of found) assert.deepEqual(one, [name, verdict, !verdict])
    })
  }
})
