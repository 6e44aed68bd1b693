import { freePort, waitFor } from '@tourniquet/testkit'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Heard, listenTo, sizes, startBrowser } from '../api/browser.ts'
import {
  allSeen,
  cellText,
  fitsWindow,
  focused,
  fresh,
  lowContrast,
  mark,
  scrollsInside,
  seen,
} from '../api/in-page.mjs'
import { type Alacrity, startAlacrity } from '../parts/alacrity.ts'
import { greeted } from '../parts/held.ts'
import { type Origin, startOrigin, stays } from '../parts/origin.ts'
import { rowsOf } from '../parts/rows.ts'

/** Where the total of sessions stands: behind box, name, status, check, trend, queue, session rate. */
const total = 5 + 3 + 3 + 3
let browser: Browser
let origin: Origin
let alacrity: Alacrity
let front: number
let web: string
let page: Page
let heard: Heard

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

beforeEach(async () => {
  origin = await startOrigin(stays('hello'))
  front = await freePort()
  const port = await freePort()
  web = `http://127.0.0.1:${port}`
  alacrity = await startAlacrity({ port: front, config: configWith(port, 'a', 'b') })
  page = await (await browser.createBrowserContext()).newPage()
  heard = listenTo(page, web)
})
afterEach(async () => {
  await page.browserContext().close()
  await alacrity[Symbol.asyncDispose]()
  await origin[Symbol.asyncDispose]()
})

/** The page of a balancer that runs, in front of servers that do. */
function configWith(port: number | string, ...servers: string[]): string {
  return `global
  hard-stop-after 100ms
defaults
  mode tcp
  timeout connect 2s
  timeout client 10s
  timeout server 10s
listen db
  bind 127.0.0.1:${front}
${servers.map((name) => `  server ${name} 127.0.0.1:${origin.port} check inter 500ms`).join('\n')}
listen page
  mode http
  bind 127.0.0.1:${port}
  stats enable
  stats uri /
  stats refresh 300ms
  stats admin if TRUE
`
}

async function show(size: keyof typeof sizes = 'desktop', scheme: 'light' | 'dark' = 'light'): Promise<void> {
  await page.setViewport(sizes[size])
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
  await page.goto(`${web}/`)
  await page.waitForSelector('tr.server')
}

const numberOf = async (name: string) => Number((await page.evaluate(cellText, name, total)).replaceAll(',', ''))

/** In HAProxy's words. */
async function statusOf(server: string): Promise<string | undefined> {
  const rows = rowsOf(await (await fetch(`${web}/;csv`)).text())
  return rows.find(({ pxname, svname }) => pxname === 'db' && svname === server)?.status
}

async function tabTo(name: string, key: 'Tab' | 'ShiftTab' = 'Tab'): Promise<void> {
  if (key === 'ShiftTab') await page.keyboard.down('Shift')
  for (let step = 0; step < 30 && (await page.evaluate(focused)) !== name; step++) await page.keyboard.press('Tab')
  if (key === 'ShiftTab') await page.keyboard.up('Shift')
  expect(await page.evaluate(focused)).toBe(name)
}

/** With the keys alone. */
async function press(button: string, server: string): Promise<void> {
  await tabTo(`Select db/${server}`)
  await page.keyboard.press('Space')
  await tabTo(button, 'ShiftTab')
  await page.keyboard.press('Enter')
}

test.each([
  ['phone', 'light'],
  ['phone', 'dark'],
  ['desktop', 'light'],
  ['desktop', 'dark'],
] as const)('its numbers move with the traffic, legibly, on a %s, %s', async (size, scheme) => {
  await show(size, scheme)
  for (let times = 1; times <= 3; times++) {
    const before = await numberOf('backend')
    for (let at = 0; at < 4; at++) expect(await greeted(front)).toBe('hello')
    await waitFor(async () => (await numberOf('backend')) === before + 4, { what: 'four sessions more' })
  }
  expect((await numberOf('a')) + (await numberOf('b'))).toBe(await numberOf('backend'))
  expect(await page.evaluate(lowContrast)).toEqual([])
  expect(await page.evaluate(fitsWindow)).toBe(true)
  expect(await page.$eval('.scroll', scrollsInside)).toBe(true)
  expect(heard).toEqual({ elsewhere: [], errors: [] })
})

test('a server is put into maintenance, and back, by keyboard alone', async () => {
  await show()
  await press('Maint', 'b')
  await waitFor(async () => (await statusOf('b')) === 'MAINT', { what: 'maintenance' })
  expect(await statusOf('a')).toBe('UP')
  await waitFor(async () => (await page.$eval('#said', seen)).includes('db/b is MAINT'), { what: 'its words' })
  const [all, own] = [await numberOf('backend'), await numberOf('b')]
  for (let at = 0; at < 4; at++) await greeted(front)
  await waitFor(async () => (await numberOf('backend')) === all + 4, { what: 'four sessions more' })
  expect(await numberOf('b')).toBe(own)
  await press('Ready', 'b')
  await waitFor(async () => (await statusOf('b')) === 'UP', { what: 'readiness' })
  expect(heard).toEqual({ elsewhere: [], errors: [] })
})

test('it shows what a reload brought, and keeps what was there', async () => {
  await show()
  expect(await page.$eval('tbody', mark)).toEqual(['frontend', 'a', 'b', 'backend'])
  alacrity.rewrite(configWith(new URL(web).port, 'a', 'b', 'new'))
  alacrity.signal('SIGHUP')
  await page.waitForSelector('::-p-text(new)')
  expect(await page.$eval('tbody', mark)).toEqual(['frontend', 'a', 'b', 'new', 'backend'])
  alacrity.rewrite(configWith(new URL(web).port, 'a', 'new'))
  alacrity.signal('SIGHUP')
  await waitFor(async () => (await page.$$eval('tr.server th.name', allSeen)).join() === 'a,new', { what: 'b gone' })
  expect(await page.$eval('tbody', fresh)).toEqual([])
  expect(heard).toEqual({ elsewhere: [], errors: [] })
})

test('it says that its numbers are old while alacrity is away, and works on when it is back', async () => {
  await show()
  await alacrity.server.kill()
  await page.waitForSelector('.pulse[data-state=stale]')
  expect(await page.$eval('#notice', seen)).toMatch(/^These numbers are old: /)
  await alacrity.server.restart()
  await page.waitForSelector('.pulse[data-state=live]')
  expect(await page.$eval('#notice', seen)).toBe('')
  expect(await greeted(front)).toBe('hello')
  await press('Drain', 'a')
  await waitFor(async () => (await statusOf('a')) === 'DRAIN', { what: 'a drained server' })
  expect(heard.elsewhere).toEqual([])
  // The browser itself says that nobody answered.
  const nobody = /net::ERR_(CONNECTION_(REFUSED|RESET|CLOSED)|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)/
  expect(heard.errors.filter((error) => !nobody.test(error))).toEqual([])
})
