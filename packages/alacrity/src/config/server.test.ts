import { expect, test } from 'vitest'
import { inListen, listen, read } from '../../test/config/reading.ts'
import type { ServerConfig } from './model.ts'

const checked = { interMs: 2000, fastinterMs: 2000, downinterMs: 2000, fall: 3, rise: 2, tls: false }

const plain = {
  weight: 1,
  backup: false,
  disabled: false,
  maxconn: 0,
  minconn: 0,
  maxqueue: 0,
  slowstartMs: 0,
  initAddr: ['last', 'libc'],
}

/** The words, and what they change of a server without any. */
const words: [string, Partial<ServerConfig>][] = [
  ['', {}],
  ['weight 256', { weight: 256 }],
  ['weight 0', { weight: 0 }],
  ['backup', { backup: true }],
  ['backup no-backup', {}],
  ['disabled', { disabled: true }],
  ['disabled enabled', {}],
  ['maxconn 10', { maxconn: 10 }],
  ['maxconn 10 minconn 3', { maxconn: 10, minconn: 3 }],
  ['maxqueue 4', { maxqueue: 4 }],
  ['slowstart 60s', { slowstartMs: 60_000 }],
  ['send-proxy', { sendProxy: 1 }],
  ['send-proxy-v2', { sendProxy: 2 }],
  ['send-proxy no-send-proxy', {}],
  ['send-proxy-v2 no-send-proxy-v2', {}],
  ['on-marked-down shutdown-sessions', { onMarkedDown: 'shutdown-sessions' }],
  ['on-marked-up shutdown-backup-sessions', { onMarkedUp: 'shutdown-backup-sessions' }],
  ['init-addr none', { initAddr: ['none'] }],
  ['init-addr last,libc,10.0.0.9', { initAddr: ['last', 'libc', '10.0.0.9'] }],
  ['resolve-prefer ipv4', { resolvePrefer: 'ipv4' }],
  ['resolve-prefer ipv6', { resolvePrefer: 'ipv6' }],
  ['observe layer4', { observe: { errorLimit: 10, onError: 'fail-check' } }],
  ['observe layer4 error-limit 3 on-error mark-down', { observe: { errorLimit: 3, onError: 'mark-down' } }],
  ['on-error sudden-death observe layer4', { observe: { errorLimit: 10, onError: 'sudden-death' } }],
  ['check', { check: checked }],
  ['check no-check', {}],
  ['inter 5s', {}],
  ['check inter 5s', { check: { ...checked, interMs: 5000, fastinterMs: 5000, downinterMs: 5000 } }],
  ['check inter 5s fastinter 1s', { check: { ...checked, interMs: 5000, fastinterMs: 1000, downinterMs: 5000 } }],
  ['check downinter 500', { check: { ...checked, downinterMs: 500 } }],
  ['check fall 1 rise 7', { check: { ...checked, fall: 1, rise: 7 } }],
  ['check port 8008', { check: { ...checked, port: 8008 } }],
  ['check addr 10.0.0.9', { check: { ...checked, host: '10.0.0.9' } }],
  ['check check-ssl verify none', { check: { ...checked, tls: true } }],
  ['check check-ssl check-sni db', { check: { ...checked, tls: true, sni: 'db' } }],
  ['check check-ssl no-check-ssl', { check: checked }],
  ['check send-proxy-v2', { sendProxy: 2, check: { ...checked, sendProxy: 2 } }],
  ['check send-proxy port 9', { sendProxy: 1, check: { ...checked, port: 9 } }],
  ['check send-proxy port 9 check-send-proxy', { sendProxy: 1, check: { ...checked, port: 9, sendProxy: 1 } }],
  ['check check-send-proxy', { check: { ...checked, sendProxy: 1 } }],
  ['check check-send-proxy no-check-send-proxy', { check: checked }],
]

const own = { name: 't', place: { file: 'test.cfg', line: 8 }, address: { host: '10.0.0.2', port: 2 } }

test.each(words)('server … %s', (line, expected) => {
  const configuration = read(inListen(`server t 10.0.0.2:2 ${line}`))
  expect(configuration.warnings).toEqual([])
  expect(configuration.proxies[0]!.servers[1]).toEqual({ ...own, id: 2, ...plain, ...expected })
})

test.each(words)('default-server %s', (line, expected) => {
  const text = inListen('server t 10.0.0.2:2').replace('listen l', `default-server ${line}\nlisten l`)
  const place = { file: 'test.cfg', line: 9 }
  const isBare = line === '' // HAProxy takes it, too
  expect(read(text).proxies[0]!.servers[1]).toEqual({ ...own, place, id: 2, ...plain, ...(isBare ? {} : expected) })
})

test('default-server is for the servers after it, each line on top of those before', () => {
  const { servers } = listen(
    'default-server weight 5\n server a 10.0.0.2:1\n default-server maxconn 9\n server b 10.0.0.3:1 weight 6',
  )
  expect(servers.map(({ weight, maxconn }) => [weight, maxconn])).toEqual([
    [1, 0],
    [5, 0],
    [6, 9],
  ])
})

test('track and resolvers name what there is', () => {
  const text = `resolvers r\n nameserver n 127.0.0.1:53\n${inListen('default-server check\n server a 10.0.0.2:1 resolvers r\n server b 10.0.0.2:1 no-check track a\n server c 10.0.0.2:1 no-check track l/b')}`
  const [, a, b, c] = read(text).proxies[0]!.servers
  expect(a).toMatchObject({ resolvers: 'r' })
  expect([b!.track, c!.track]).toEqual([
    { backend: 'l', server: 'a' },
    { backend: 'l', server: 'b' },
  ])
})

test.each<[string, number[]]>([
  ['3', [1, 2, 3]],
  ['1-3', [1, 2, 3]],
  ['5-6', [5, 6]],
])('server-template %s', (range, numbers) => {
  const { servers } = listen(`server-template pg ${range} db.internal:5432 check weight 7`)
  const made = servers.slice(1)
  expect(made.map(({ name }) => name)).toEqual(numbers.map((number) => `pg${number}`))
  expect(made.map(({ template }) => template)).toEqual(numbers.map((_, index) => ({ index, prefix: 'pg' })))
  for (const server of made)
    expect(server).toMatchObject({ weight: 7, check: checked, address: { host: 'db.internal' } })
})

test('the numbers of servers', () => {
  const { servers } = listen(
    'server a 10.0.0.2:1 id 7\n server b 10.0.0.2:1\n server c 10.0.0.2:1 id 4\n server d 10.0.0.2:1',
  )
  expect(servers.map(({ id }) => id)).toEqual([1, 7, 3, 4, 5])
})
