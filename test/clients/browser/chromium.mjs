// What the tests of the browser client share: the client's files, and Chromium, which is not installed by
// this: set CHROMIUM to another one than /usr/bin/chromium.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { chromium } from 'playwright-core'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Why the tests cannot run, false where they can. */
export const skip = existsSync(executablePath) ? false : `there is no ${executablePath}: install Chromium, or set CHROMIUM to where it is`

/** The folder of Clerk's browser client. */
export const dist = fileURLToPath(new URL('node_modules/@clerk/clerk-js/dist/', import.meta.url))

/** Starts Chromium, headless. */
export const launch = (...args) => chromium.launch({
  executablePath,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', ...args],
})
