import { once } from 'node:events'
import { mkdirSync, mkdtempSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, waitFor } from '@tourniquet/testkit'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { httpServer } from '../../src/api/http/server.ts'
import { httpSection } from '../../src/api/http-section.ts'
import type { StatsConfig } from '../../src/config/model.ts'
import { type Heard, listenTo, sizes, startBrowser } from './browser.ts'
import { busyStats, busyWatched, tick } from './busy.ts'
import {
  allSeen,
  cellText,
  fitsWindow,
  focused,
  fresh,
  ground,
  lowContrast,
  mark,
  scrollsInside,
  seen,
} from './in-page.mjs'
import type { MemoryWatched } from './watched.ts'

const pictures = process.env.TOURNIQUET_PICTURES ?? mkdtempSync(join(tmpdir(), 'alacrity-page-'))
let browser: Browser
let server: Server
let origin: string
let watched: MemoryWatched
let stats: StatsConfig
let page: Page
let heard: Heard

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

beforeEach(async () => {
  watched = busyWatched()
  stats = busyStats
  tick(watched, 1)
  server = httpServer((request, response) =>
    httpSection({ name: 'http', stats, prometheusPaths: [] }, watched)(request, response),
  )
  const port = await freePort()
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${port}`
  page = await (await browser.createBrowserContext()).newPage()
  heard = listenTo(page, origin)
})
afterEach(async () => {
  await page.browserContext().close()
  server.close()
  server.closeAllConnections()
})

async function show(size: keyof typeof sizes = 'desktop', scheme: 'light' | 'dark' = 'light'): Promise<void> {
  await page.setViewport(sizes[size])
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
  await page.goto(`${origin}/stats`)
  await page.waitForSelector('tr.server')
}

describe.each(['phone', 'desktop'] as const)('on a %s', (size) => {
  it.each(['light', 'dark'] as const)('is legible and still by itself, %s', async (scheme) => {
    await show(size, scheme)
    for (let moment = 2; moment < 8; moment++) {
      const before = watched.extra.get('postgres/FRONTEND')?.stot
      tick(watched, moment)
      expect(watched.extra.get('postgres/FRONTEND')?.stot).not.toBe(before)
      const total = Number(watched.extra.get('postgres/FRONTEND')?.stot).toLocaleString('en-US')
      await waitFor(async () => (await page.content()).includes(total), { what: `${total} on the page` })
    }
    await page.screenshot({ path: join(pictures, `${size}-${scheme}.png`) })
    expect(heard).toEqual({ elsewhere: [], errors: [] })
    expect(await page.evaluate(lowContrast)).toEqual([])
    expect(await page.evaluate(fitsWindow)).toBe(true)
    expect(await page.$eval('.scroll', scrollsInside)).toBe(true)
  })
})

describe('its values', () => {
  it('change in place', async () => {
    await show()
    const names = await page.$eval('tbody', mark)
    expect(names).toEqual(['frontend', 'pg-1', 'pg-2', 'pg-3', 'pg-4', 'pg-spare', 'backend'])
    watched.extra.set('postgres/pg-1', { ...watched.extra.get('postgres/pg-1'), scur: 1234 })
    await waitFor(async () => (await page.evaluate(cellText, 'pg-1', 11)) === '1,234')
    expect(await page.$eval('tbody', fresh)).toEqual([])
  })

  it('come and go with their servers', async () => {
    await show()
    await watched.addServer('be', { name: 'new', address: '127.0.0.1:9' })
    await page.waitForSelector('::-p-text(new)')
    await watched.removeServer('be', 'new', { force: true })
    await waitFor(() => page.$$eval('th.name', (heads) => heads.every((head) => head.textContent !== 'new')))
  })

  it('are text, whatever they look like', async () => {
    await show()
    const text = await page.$eval('body', seen)
    expect(text).toContain('nasty <img src=x onerror=alert(1)>')
    expect(text).toContain('Frankfurt <script>alert(2)</script>')
    expect(await page.$$('main img, main script, header script')).toEqual([])
    watched.extra.set('be/e', { status: '<b>UP</b>', last_chk: '"><i>', check_status: '<i>' })
    await waitFor(async () => (await page.$eval('body', seen)).includes('<b>UP</b>'))
    expect(heard.errors).toEqual([])
  })

  it('tell of a change once, and by word and shape, not by colour alone', async () => {
    await show()
    expect((await page.$$eval('tr.server .status', allSeen)).slice(0, 5)).toEqual([
      ...['● UP 2s', '◐ UP 1/3 2s', '● UP 2s', '✕ DOWN 12m 34s', '● UP 2s'],
    ])
    expect(await page.$eval('#said', (said) => said.textContent)).toBe('')
    watched.setState('be', 'e', 'drain')
    await waitFor(async () => (await page.$eval('#said', (said) => said.textContent)) === 'be/e is DRAIN')
  })

  it('say that they are old when nobody answers', async () => {
    await show()
    server.close()
    server.closeAllConnections()
    await page.waitForSelector('.pulse[data-state=stale]')
    expect(await page.$eval('#notice', seen)).toMatch(/^These numbers are old: /)
  })
})

describe('its tools', () => {
  it('begin with the scope that the address has', async () => {
    await page.goto(`${origin}/stats;norefresh;scope=f%31`)
    await page.waitForSelector('section')
    expect(await page.$$eval('h2', allSeen)).toEqual(['f1'])
  })

  it('are reached and used by keyboard alone', async () => {
    await show()
    const reached: string[] = []
    for (let step = 0; step < 16; step++) {
      await page.keyboard.press('Tab')
      reached.push(await page.evaluate(focused))
    }
    expect(reached).toEqual([
      ...['Skip to the statistics', 'filter', 'pause', 'theme', 'csv', 'Statistics of postgres'],
      ...['pg-1', 'pg-2', 'pg-3', 'pg-4', 'pg-spare'].map((name) => `Select postgres/${name}`),
      ...['Statistics of f1', 'Statistics of be', 'Select be/d', 'Select be/e', expect.stringMatching(/./)],
    ])
    await page.focus('[aria-label="Select be/e"]')
    await page.keyboard.press('Space')
    await page.keyboard.down('Shift')
    for (let step = 0; step < 4; step++) await page.keyboard.press('Tab')
    await page.keyboard.up('Shift')
    await waitFor(async () => (await page.evaluate(focused)) === 'Maint')
    await page.keyboard.press('Enter')
    await waitFor(() => watched.told.length === 1)
    expect(watched.told).toEqual(['be/e maint'])
  })

  it('filter by name or status', async () => {
    await show()
    await page.keyboard.press('/')
    await page.keyboard.type('down')
    const left = () => page.$$eval('tbody th.name', allSeen)
    expect(await left()).toEqual(['pg-4'])
    await page.keyboard.type('x')
    await page.waitForSelector('#nothing', { visible: true })
  })

  it('remember light or dark', async () => {
    await show('desktop', 'light')
    const before = await page.evaluate(ground)
    await page.click('#theme')
    await page.click('#theme')
    expect(await page.$eval('#theme', (button) => button.textContent)).toBe('Theme: dark')
    const dark = await page.evaluate(ground)
    expect(dark).not.toBe(before)
    await page.reload()
    expect(await page.evaluate(ground)).toBe(dark)
  })

  it('drain several servers at a time, and only for who may', async () => {
    await show()
    for (const name of ['pg-1', 'pg-3']) await page.click(`[aria-label="Select postgres/${name}"]`)
    const [drain] = await page.$$('section:first-child .orders button')
    await drain!.click()
    await waitFor(() => watched.told.length === 2)
    expect(watched.told).toEqual(['postgres/pg-1 drain', 'postgres/pg-3 drain'])
    await waitFor(async () => (await page.$eval('.result', (told) => told.textContent)) === 'drain: done')
  })

  it('are not there without stats admin', async () => {
    const { admin: _, ...others } = busyStats
    stats = others
    await show()
    expect(await page.$$('input[type=checkbox], .orders button')).toEqual([])
  })
})

/** The picture in the README: `TOURNIQUET_PICTURE=1`. */
it.runIf(process.env.TOURNIQUET_PICTURE === '1')(
  'has its picture taken',
  async () => {
    stats = { ...busyStats, showDesc: 'Frankfurt' }
    watched = busyWatched('sessions of the web shop')
    await page.setViewport({ ...sizes.desktop, deviceScaleFactor: 2 })
    await page.goto(`${origin}/stats`)
    for (let moment = 2; moment < 40; moment++) {
      tick(watched, moment)
      const total = Number(watched.extra.get('postgres/FRONTEND')?.stot).toLocaleString('en-US')
      await waitFor(async () => (await page.content()).includes(total))
    }
    const folder = join(import.meta.dirname, '../../../../docs/images')
    mkdirSync(folder, { recursive: true })
    await page.screenshot({ path: join(folder, 'alacrity-page.png') })
  },
  120_000,
)
