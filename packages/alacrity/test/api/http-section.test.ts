import { once } from 'node:events'
import { request as httpRequest, type Server } from 'node:http'
import { connect } from 'node:net'
import { freePort } from '@tourniquet/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { httpServer } from '../../src/api/http/server.ts'
import { httpSection } from '../../src/api/http-section.ts'
import type { PageSection } from '../../src/api/watched.ts'
import { talk } from './ask.ts'
import { type RealHaproxy, startHaproxy } from './real-haproxy.ts'
import { always, statsConfig } from './sample.ts'
import { MemoryWatched } from './watched.ts'

const auth = [{ user: 'admin', password: 'secret' }]
const basic = { authorization: `Basic ${Buffer.from('admin:secret').toString('base64')}` }
const section: PageSection = {
  name: 'http',
  stats: statsConfig({ auth, realm: 'Hello World', admin: always, refreshMs: 5_000 }),
  monitorUri: '/alive',
  prometheusPaths: ['/metrics'],
}
const open: Server[] = []
let watched: MemoryWatched

async function start(more: Partial<PageSection> = {}, limits = {}): Promise<string> {
  watched = new MemoryWatched()
  const server = httpServer(httpSection({ ...section, ...more }, watched), limits)
  open.push(server)
  const port = await freePort()
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${port}`
}
afterEach(() => {
  for (const server of open.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

interface Said {
  status: number
  headers: NodeJS.Dict<string | string[]>
  body: string
}

function get(url: string, headers: Record<string, string> = {}, method = 'GET', body = ''): Promise<Said> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(url, { method, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

describe('beside HAProxy', () => {
  let haproxy: RealHaproxy
  beforeAll(async () => {
    haproxy = await startHaproxy()
  })
  afterAll(() => haproxy[Symbol.asyncDispose]())

  it.each([
    ['/stats', {}, 'GET', true],
    ['/stats', { authorization: 'Basic eDp5' }, 'GET', true],
    ['/stats', basic, 'HEAD', false],
    ['/stats;csv', basic, 'GET', false],
    ['/stats/anything;csv;norefresh', basic, 'GET', false],
    ['/stats?x;csv', basic, 'HEAD', false],
    ['/stats;json', basic, 'GET', false],
    ['/stats', basic, 'PUT', true],
    ['/stat', basic, 'GET', true],
    ['/alive', {}, 'GET', true],
    ['/alive', {}, 'HEAD', true],
    ['/alive?x', {}, 'GET', true],
    ['/metrics', {}, 'HEAD', false],
    ['/metrics?scope=bogus', {}, 'GET', true],
    ['/metrics;x', {}, 'GET', true],
    ['/', {}, 'DELETE', true],
  ] as const)('answers %s %j %s alike', async (path, headers, method, withBody) => {
    const ours = await get((await start()) + path, headers, method)
    const theirs = await get(haproxy.http + path, headers, method)
    const told = ({ status, headers: h, body }: Said) => ({
      ...{ status, type: h['content-type'], refresh: h.refresh, ask: h['www-authenticate'], cache: h['cache-control'] },
      body: withBody ? body : '',
    })
    const html = path === '/stats' && theirs.status === 200
    // The page is live by itself, and in UTF-8.
    const page = html ? { refresh: undefined, type: 'text/html; charset=utf-8' } : {}
    expect(told(ours)).toEqual({ ...told(theirs), ...page })
  })

  it('says what came of a form in the same way', async () => {
    const url = await start()
    const form = { ...basic, 'content-type': 'application/x-www-form-urlencoded' }
    const token = JSON.parse((await get(`${url}/stats;live`, basic)).body).token as string
    for (const text of ['s=e&action=ready&b=be', 's=d&s=e&action=maint&b=%234', 's=e&action=bogus&b=be']) {
      const ours = await get(`${url}/stats`, form, 'POST', `${text}&token=${token}`)
      const theirs = await get(`${haproxy.http}/stats`, form, 'POST', text)
      expect([ours.status, ours.headers.location]).toEqual([theirs.status, theirs.headers.location])
    }
    expect(watched.told).toEqual(['be/e ready', 'be/d maint', 'be/e maint'])
  })
})

describe('what is its own', () => {
  it('shows health until it is on its way out', async () => {
    const url = await start()
    expect(await get(`${url}/health`)).toMatchObject({ status: 200, body: 'ok\n' })
    watched.isStopping = true
    expect(await get(`${url}/health`)).toMatchObject({ status: 503, body: 'stopping\n' })
  })

  it('fails monitor-uri when its condition holds', async () => {
    const url = await start({ monitorFail: always })
    expect((await get(`${url}/alive`)).status).toBe(503)
  })

  it('leaves out what was not asked for', async () => {
    const url = await start()
    const names = (text: string) => text.split('\n').map((line) => line.split(',', 2).join('/'))
    const up = await get(`${url}/stats;csv;up`, basic)
    expect(names(up.body)).not.toContain('be/d')
    expect(names(up.body)).toContain('be/e')
    const one = await get(`${url}/stats;csv;scope=DB`, basic)
    expect(names(one.body).slice(1, -1)).toEqual(['db/FRONTEND', 'db/a', 'db/b', 'db/c', 'db/BACKEND'])
  })

  it.each([
    ['no token', {}, 's=e&action=maint&b=be'],
    ['a wrong token', {}, 's=e&action=maint&b=be&token=AAAA'],
    ['another origin', { origin: 'http://evil.example' }, 'TOKEN'],
    ['no origin', { origin: 'null' }, 'TOKEN'],
    ['another site', { 'sec-fetch-site': 'cross-site' }, 'TOKEN'],
    ['another site of the same domain', { 'sec-fetch-site': 'same-site' }, 'TOKEN'],
  ])('changes nothing with %s', async (_name, headers, text) => {
    const url = await start()
    const { token } = JSON.parse((await get(`${url}/stats;live`, basic)).body) as { token: string }
    const body = text === 'TOKEN' ? `s=e&action=maint&b=be&token=${token}` : text
    const said = await get(`${url}/stats`, { ...basic, ...headers, accept: 'application/json' }, 'POST', body)
    expect([said.status, said.body]).toEqual([403, '{"outcome":"DENY"}'])
    expect(watched.told).toEqual([])
  })

  it('gives no token, and takes no orders, without stats admin', async () => {
    const { admin: _, ...stats } = section.stats!
    const url = await start({ stats })
    expect(JSON.parse((await get(`${url}/stats;live`, basic)).body)).not.toHaveProperty('token')
    expect((await get(`${url}/stats`, basic, 'POST', 's=e&action=maint&b=be&token=')).headers.location).toBe(
      '/stats;st=DENY',
    )
    expect(watched.told).toEqual([])
  })

  it('hides the version where it shall', async () => {
    const url = await start({ stats: { ...section.stats!, hideVersion: true } })
    expect((await get(`${url}/stats;live`, basic)).body).not.toContain('1.2.3')
  })

  it('refuses a body of more than 64 KB', async () => {
    const url = await start()
    const said = await get(`${url}/stats`, basic, 'POST', `token=${'x'.repeat(70_000)}`)
    expect([said.status, said.headers.connection]).toEqual([413, 'close'])
    const chunked = { ...basic, 'transfer-encoding': 'chunked' }
    expect((await get(`${url}/stats`, chunked, 'POST', `token=${'x'.repeat(70_000)}`)).status).toBe(413)
  })

  it('cuts off a slow client, and headers that are too long', async () => {
    const url = await start({}, { headersTimeout: 200, requestTimeout: 300, connectionsCheckingInterval: 50 })
    const at = { host: '127.0.0.1', port: Number(new URL(url).port) }
    expect(await talk(at, 'GET /health HTTP/1.1\r\nhost:')).toMatch(/^HTTP\/1\.1 408 /)
    expect(await talk(at, `GET /health HTTP/1.1\r\nx: ${'x'.repeat(20_000)}\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
    expect(await talk(at, 'bogus\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 Bad request\r\n/)
    const slow = connect(at)
    slow.write(`POST /stats HTTP/1.1\r\nhost: x\r\nauthorization: ${basic.authorization}\r\ncontent-length: 9\r\n\r\nx`)
    slow.resume()
    await once(slow, 'close')
    expect((await get(`${url}/health`)).status).toBe(200)
  })

  it('guards the page with headers', async () => {
    const { headers, body } = await get(`${await start()}/stats`, basic)
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
    })
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'sha256-[^ ]+'; style-src 'sha256-/,
    )
    // The one address in it is a name, which nobody asks for.
    expect(body.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/ on\w+="|style="|https?:\/\//)
  })
})
