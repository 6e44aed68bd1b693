import { freePort, waitFor } from '@tourniquet/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Alacrity, startAlacrity } from './parts/alacrity.ts'
import { Client, readAll } from './parts/client.ts'
import { type Origin, says, startOrigin, stays } from './parts/origin.ts'

// The page, `/metrics` and the management API in front of a running balancer: that what they say is so, and that what
// they are told happens. How each answers is tested beside it.
let alacrity: Alacrity
let a: Origin
let b: Origin
let front: number
let page: string
let api: string

beforeAll(async () => {
  a = await startOrigin(says('a'))
  b = await startOrigin(says('b'))
  const [listen, pagePort, apiPort] = [await freePort(), await freePort(), await freePort()]
  front = listen
  page = `http://127.0.0.1:${pagePort}`
  api = `http://127.0.0.1:${apiPort}`
  const config = `global
  hard-stop-after 100ms
defaults
  timeout connect 1s
  timeout client 10s
  timeout server 10s
listen l
  mode tcp
  bind 127.0.0.1:${front}
  server a 127.0.0.1:${a.port} check inter 200ms
listen page
  mode http
  bind 127.0.0.1:${pagePort}
  stats enable
  stats uri /stats
  http-request use-service prometheus-exporter if { path /metrics }
`
  alacrity = await startAlacrity({ port: front, config, args: ['--api', `127.0.0.1:${apiPort}`] })
  await waitFor(() => alacrity.server.output.includes('management API'), { what: 'all of it' })
})
afterAll(async () => {
  await alacrity[Symbol.asyncDispose]()
  for (const origin of [a, b]) await origin[Symbol.asyncDispose]()
})

async function call(method: string, path: string, body?: unknown) {
  const answer = await fetch(`${api}${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  return { status: answer.status, body: answer.status === 204 ? undefined : await answer.json() }
}

/** Has each of these servers, or this one, no session left? */
function isIdle(body: unknown): boolean {
  return ([body].flat() as { sessions: number }[]).every(({ sessions }) => sessions === 0)
}

describe('watching a running balancer', () => {
  test('the CSV and the metrics count what went through', async () => {
    for (let at = 0; at < 5; at++) await readAll(front)
    await waitFor(async () => /^l,a,.*/m.test(await (await fetch(`${page}/stats;csv`)).text()), { what: 'a row' })
    const bytesOut = /haproxy_server_bytes_out_total\{proxy="l",server="a"\} [56]\n/
    const counted = async () => {
      const text = await (await fetch(`${page}/metrics`)).text()
      return bytesOut.test(text) ? text : undefined
    }
    // A session may have its end for the client before it has it for the counters.
    const metrics = await waitFor(counted, { what: 'all bytes counted' })
    const sessions = Number(/haproxy_server_sessions_total\{proxy="l",server="a"\} (\d+)/.exec(metrics)?.[1])
    // One more came to see whether the balancer is there.
    expect(sessions).toBeGreaterThanOrEqual(5)
    expect(sessions).toBeLessThanOrEqual(6)
    expect(metrics).toContain('haproxy_server_status{proxy="l",server="a",state="UP"} 1')
    expect(metrics).toContain(`haproxy_process_start_time_seconds `)
  })

  test('the page is there, and is HTML', async () => {
    const answer = await fetch(`${page}/stats`)
    expect(answer.headers.get('content-type')).toMatch(/text\/html/)
    expect(await answer.text()).toContain('<!doctype html>')
  })

  test('a server that is added takes its turns, one that is drained does not, one that is removed is gone', async () => {
    expect(await call('POST', '/servers', { backend: 'l', name: 'b', address: `127.0.0.1:${b.port}` })).toMatchObject({
      status: 201,
    })
    const some = async () => new Set(await Promise.all(Array.from({ length: 6 }, () => readAll(front))))
    expect(await some()).toEqual(new Set(['a', 'b']))
    expect(await call('PATCH', '/servers/l/a', { state: 'drain' })).toMatchObject({
      status: 200,
      body: { state: 'drain', status: 'DRAIN' },
    })
    expect(await some()).toEqual(new Set(['b']))
    expect(await call('PATCH', '/servers/l/a', { state: 'ready', weight: 3 })).toMatchObject({
      status: 200,
      body: { weight: 3 },
    })
    expect(await some()).toEqual(new Set(['a', 'b']))
    await waitFor(async () => isIdle((await call('GET', '/servers/l/b')).body), { what: 'its sessions gone' })
    expect(await call('DELETE', '/servers/l/b')).toMatchObject({ status: 204 })
    expect(await some()).toEqual(new Set(['a']))
    expect(await call('GET', '/servers/l/b')).toMatchObject({ status: 404 })
  })

  test('a maxconn that is set holds, and what waits goes on when it is raised', async () => {
    await using slow = await startOrigin(stays('c'))
    await call('POST', '/servers', { backend: 'l', name: 'c', address: `127.0.0.1:${slow.port}`, maxconn: 1 })
    await call('PATCH', '/servers/l/a', { state: 'maint' })
    const clients = Array.from({ length: 3 }, () => new Client(front))
    const greeted = () => clients.filter(({ received }) => received === 'c').length
    await waitFor(() => greeted() === 1, { what: 'one that is served' })
    const { body } = await call('GET', '/servers/l/c')
    expect(body).toMatchObject({ sessions: 1, maxconn: 1 })
    await call('PATCH', '/servers/l/c', { maxconn: 0 })
    await waitFor(() => greeted() === 3, { what: 'all served' })
    for (const { socket } of clients) socket.destroy()
    await call('PATCH', '/servers/l/a', { state: 'ready' })
    await call('PATCH', '/servers/l/c', { state: 'maint' })
    await waitFor(async () => (await call('DELETE', '/servers/l/c')).status === 204, { what: 'the server gone' })
    await waitFor(async () => (await readAll(front)) === 'a', { what: 'the first server again' })
  })

  test('POST /reload reads the file, and refuses a bad one', async () => {
    const idle = async () => {
      const servers = await call('GET', '/servers')
      return isIdle(servers.body) ? servers : undefined
    }
    const before = await waitFor(idle, { what: 'all sessions gone' })
    alacrity.rewrite('listen l\n  bind nowhere\n')
    const refused = await call('POST', '/reload')
    expect(refused.status).toBeGreaterThanOrEqual(400)
    expect(JSON.stringify(refused.body)).toContain('haproxy.cfg:2: bind')
    expect((await call('GET', '/servers')).body).toMatchObject(
      JSON.parse(JSON.stringify(before.body, (key, value) => (key === 'lastChangeSec' ? undefined : value))),
    )
  })
})
