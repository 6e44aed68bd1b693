import { once } from 'node:events'
import { freePort } from '@tourniquet/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { httpServer } from '../../src/api/http/server.ts'
import { managementApi, type RunningManagementApi, startManagementApi } from '../../src/api/management/index.ts'
import { routes } from '../../src/api/management/routes.ts'
import { askApi, type Said } from './http-ask.ts'
import { MemoryWatched } from './watched.ts'

const json = { 'content-type': 'application/json' }
let watched: MemoryWatched
let api: RunningManagementApi
let url: string

beforeEach(async () => {
  watched = new MemoryWatched()
  await start({ token: 's3cret' })
})
afterEach(() => api.close())

async function start(options: { token?: string }): Promise<void> {
  api = await startManagementApi({ watched, port: 0, ...options })
  url = `http://127.0.0.1:${api.port}`
}

const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Said> =>
  askApi(url + path, method, body, headers)

/** Everything that could have been changed. */
const all = () => JSON.stringify([watched.servers(), watched.told])

describe('what it does', () => {
  it('shows servers', async () => {
    const { status, body } = await ask('GET', '/servers')
    expect(status).toBe(200)
    expect((body as unknown as { name: string }[]).map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect((await ask('GET', '/servers/db/b')).body).toMatchObject({
      backend: 'db',
      address: '127.0.0.1:17102',
      maxconn: 5,
    })
  })

  it('changes one in several ways at a time', async () => {
    const change = { weight: 7, maxconn: 30, state: 'drain', address: '[::1]:99' }
    const { status, body } = await ask('PATCH', '/servers/db/a', change)
    expect(status).toBe(200)
    expect(body).toMatchObject({ ...change, status: 'DRAIN' })
    expect((await ask('GET', '/servers/db/a')).body).toEqual(body)
  })

  it('adds one, and removes it once it is in maintenance', async () => {
    const added = await ask('POST', '/servers', {
      backend: 'be',
      name: 'x',
      address: '127.0.0.1:5',
      weight: 3,
      backup: true,
    })
    expect([added.status, added.headers.location]).toEqual([201, '/servers/be/x'])
    expect(added.body).toMatchObject({ backend: 'be', name: 'x', weight: 3, backup: true, maxconn: 0 })
    expect((await ask('DELETE', '/servers/be/x')).status).toBe(409)
    await ask('PATCH', '/servers/be/x', { state: 'maint' })
    expect((await ask('DELETE', '/servers/be/x')).status).toBe(204)
    expect((await ask('GET', '/servers/be/x')).status).toBe(404)
    expect((await ask('DELETE', '/servers/be/e?force=true')).status).toBe(204)
  })

  it('reloads, or says why not', async () => {
    expect((await ask('POST', '/reload')).body).toEqual({ warnings: ['sample.cfg:1: chroot is ignored'] })
    watched.reloadError = new Error('sample.cfg:7: balance: unknown word')
    const { status, body } = await ask('POST', '/reload')
    expect([status, body?.detail]).toEqual([422, 'sample.cfg:7: balance: unknown word'])
  })

  it('shows health to anybody', async () => {
    const none = { authorization: '' }
    expect((await ask('GET', '/health', undefined, none)).body).toEqual({ status: 'ok' })
    watched.isStopping = true
    expect(await ask('GET', '/health', undefined, none)).toMatchObject({ status: 503, body: { status: 'stopping' } })
  })
})

describe('who is refused', () => {
  it.each([
    ['no token', { authorization: '' }, 401],
    ['a wrong token', { authorization: 'Bearer s3cre' }, 401],
    ['the token as a password', { authorization: `Basic ${Buffer.from('x:s3cret').toString('base64')}` }, 401],
    ['another origin', { origin: 'https://evil.example' }, 403],
    ['no origin', { origin: 'null' }, 403],
    ['another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a name that was bent to this machine', { host: 'evil.example' }, 403],
    ['a name that only begins well', { host: 'localhost.evil.example' }, 403],
  ])('%s', async (_name, headers, status) => {
    const before = all()
    for (const [method, path, body] of [
      ['POST', '/servers', { backend: 'be', name: 'x', address: '127.0.0.1:5' }],
      ['PATCH', '/servers/db/a', { state: 'maint' }],
      ['DELETE', '/servers/be/d', undefined],
      ['POST', '/reload', undefined],
      ['GET', '/servers', undefined],
    ] as const) {
      const said = await ask(method, path, body, headers)
      expect([said.status, said.headers['content-type']]).toEqual([status, 'application/problem+json'])
      expect(JSON.stringify(said)).not.toContain('s3cret')
    }
    expect(all()).toBe(before)
  })

  it('nobody on this machine, where there is no token', async () => {
    await api.close()
    await start({})
    expect((await ask('GET', '/servers', undefined, { authorization: '' })).status).toBe(200)
    expect((await ask('GET', '/servers', undefined, { authorization: '', host: `localhost:${api.port}` })).status).toBe(
      200,
    )
    expect((await ask('GET', '/servers', undefined, { origin: `http://127.0.0.1:${api.port}` })).status).toBe(200)
  })

  it.each(['0.0.0.0', '::', '10.0.0.1', 'lb.example'])('a start on %s without a token', (host) => {
    expect(() => managementApi({ watched, host })).toThrow(
      `the management API on ${host} can be reached from elsewhere`,
    )
    expect(() => managementApi({ watched, host, token: '' })).toThrow(TypeError)
  })

  it('a port in use', async () => {
    const taken = startManagementApi({ watched, port: api.port })
    await expect(taken).rejects.toThrow(`cannot listen on 127.0.0.1:${api.port}`)
  })

  it('nobody by name, where it can be reached from elsewhere with a token', async () => {
    const server = httpServer(managementApi({ watched, host: '0.0.0.0', token: 's3cret' }))
    const port = await freePort()
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${port}`
    expect((await ask('GET', '/servers', undefined, { host: 'lb.example' })).status).toBe(200)
    expect((await ask('GET', '/servers', undefined, { authorization: '' })).status).toBe(401)
    server.close()
    server.closeAllConnections()
  })
})

describe('what is refused', () => {
  const add = { backend: 'be', name: 'x', address: '127.0.0.1:5' }
  it.each([
    ['PATCH', '/servers/db/a', '{"weight":', {}, 400, undefined],
    ['PATCH', '/servers/db/a', '', json, 400, undefined],
    ['PATCH', '/servers/db/a', '{"weight":5}', { 'content-type': 'text/plain' }, 415, undefined],
    ['PATCH', '/servers/db/a', `"${'x'.repeat(66_000)}"`, {}, 413, undefined],
    ['PATCH', '/servers/db/a', '[]', {}, 422, undefined],
    ['PATCH', '/servers/db/a', 'null', {}, 422, undefined],
    ['PATCH', '/servers/db/a', {}, {}, 422, undefined],
    ['PATCH', '/servers/db/a', { weigth: 5 }, {}, 422, 'weigth'],
    ['PATCH', '/servers/db/a', { state: 'maint', weight: '5' }, {}, 422, 'weight'],
    ['PATCH', '/servers/db/a', { state: 'maint', weight: 257 }, {}, 422, 'weight'],
    ['PATCH', '/servers/db/a', { state: 'maint', maxconn: -1 }, {}, 422, 'maxconn'],
    ['PATCH', '/servers/db/a', { weight: 1.5 }, {}, 422, 'weight'],
    ['PATCH', '/servers/db/a', { weight: 5, state: 'gone' }, {}, 422, 'state'],
    ['PATCH', '/servers/db/a', { weight: 5, address: '127.0.0.1' }, {}, 422, 'address'],
    ['PATCH', '/servers/db/a', { weight: 5, address: '127.0.0.1:70000' }, {}, 422, 'address'],
    ['PATCH', '/servers/db/a', { weight: 5, address: 'db.example:5' }, {}, 422, 'address'],
    ['PATCH', '/servers/db/a', '{"__proto__":{"weight":5}}', {}, 422, '__proto__'],
    ['PATCH', '/servers/db/a', { constructor: 1 }, {}, 422, 'constructor'],
    ['PATCH', '/servers/db/zz', { weight: 5 }, {}, 404, undefined],
    ['PATCH', '/servers/%ff/a', { weight: 5 }, {}, 400, undefined],
    ['POST', '/servers', { ...add, backend: 'nope' }, {}, 404, undefined],
    ['POST', '/servers', { ...add, name: 'e' }, {}, 409, undefined],
    ['POST', '/servers', { ...add, name: 'e x' }, {}, 422, 'name'],
    ['POST', '/servers', { ...add, address: 'x' }, {}, 422, 'address'],
    ['POST', '/servers', { ...add, address: 'x:99999' }, {}, 422, 'address'],
    ['POST', '/servers', { backend: 'be', name: 'x' }, {}, 422, 'address'],
    ['POST', '/servers', { ...add, backup: 'yes' }, {}, 422, 'backup'],
    ['PUT', '/servers', add, {}, 405, undefined],
    ['POST', '/servers/db/a', add, {}, 405, undefined],
    ['GET', '/reload', undefined, {}, 405, undefined],
    ['DELETE', '/servers/db/a', undefined, {}, 409, undefined],
    ['GET', '/server', undefined, {}, 404, undefined],
    ['GET', '/', undefined, {}, 404, undefined],
  ])('%s %s %j %j: %i', async (method, path, body, headers, status, field) => {
    const before = all()
    const said = await ask(method, path, body, headers)
    expect([said.status, said.headers['content-type']]).toEqual([status, 'application/problem+json'])
    expect(said.body).toMatchObject({ status, ...(field !== undefined && { field }) })
    if (status === 405)
      expect(said.headers.allow).toBe(
        Object.keys(routes[path === '/servers/db/a' ? '/servers/{backend}/{name}' : path]!).join(', '),
      )
    expect(all()).toBe(before)
  })

  it('and the next request on the same machine is served', async () => {
    await ask('PATCH', '/servers/db/a', `"${'x'.repeat(500_000)}"`).catch((error: NodeJS.ErrnoException) => {
      expect(error.code).toMatch(/ECONNRESET|EPIPE/)
    })
    expect((await ask('GET', '/servers')).status).toBe(200)
  })
})
