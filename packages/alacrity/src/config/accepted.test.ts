// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are HAProxy's variables
import { expect, test } from 'vitest'
import { inListen, listen, read } from '../../test/config/reading.ts'
import type { Configuration, ProxyConfig, ServerConfig } from './model.ts'

/** Loads without a warning. */
function quiet(text: string): Configuration {
  const configuration = read(text)
  expect(configuration.warnings).toEqual([])
  return configuration
}

test.each<[string, object]>([
  ['maxconn 4000', { maxconn: 4000 }],
  ['nbthread 4', { nbthread: 4 }],
  ['hard-stop-after 30s', { hardStopAfterMs: 30_000 }],
  ['hard-stop-after 1500', { hardStopAfterMs: 1500 }],
  ['grace 2s', { graceMs: 2000 }],
  ['spread-checks 5', { spreadChecks: 5 }],
  ['stats timeout 1m', { statsTimeoutMs: 60_000 }],
  ['node edge', { node: 'edge' }],
  ['description all of it', { description: 'all of it' }],
  ['log stdout format raw local0', { logs: [log({ kind: 'stdout' }, { format: 'raw' })] }],
  ['log stderr local0', { logs: [log({ kind: 'stderr' })] }],
  ['log fd@2 local0', { logs: [log({ kind: 'stderr' })] }],
  ['log 10.0.0.1 local0', { logs: [log({ kind: 'udp', host: '10.0.0.1', port: 514 })] }],
  ['log 10.0.0.1:5140 local0 info', { logs: [log({ kind: 'udp', host: '10.0.0.1', port: 5140 }, { maxLevel: 6 })] }],
  ['log [::1]:514 local0', { logs: [log({ kind: 'udp', host: '::1', port: 514 })] }],
  ['log stdout local0\n  no log', { logs: [] }],
  ['stats socket /run/a.sock', { statsSockets: [socket({ path: '/run/a.sock' })] }],
  [
    'stats socket /run/a.sock mode 660 level admin',
    { statsSockets: [socket({ path: '/run/a.sock' }, { mode: 0o660, level: 'admin' })] },
  ],
  ['stats socket unix@run/a level user', { statsSockets: [socket({ path: 'run/a' }, { level: 'user' })] }],
  ['stats socket ipv4@127.0.0.1:9999', { statsSockets: [socket({ host: '127.0.0.1', port: 9999 })] }],
  ['setenv N 7\n  maxconn "$N"', { maxconn: 7 }],
  ['setenv N 7\n  presetenv N 8\n  maxconn "$N"', { maxconn: 7 }],
  ['presetenv N 8\n  unsetenv N\n  maxconn "${N-9}"', { maxconn: 9 }],
])('global: %s', (line, expected) => {
  expect(quiet(`global\n  ${line}\n${inListen('')}`).global).toMatchObject(expected)
})

function log(to: object, more: object = {}): object {
  return { to, format: 'rfc3164', facility: 'local0', maxLevel: 7, length: 1024, ...more }
}

function socket(at: object, more: object = {}): object {
  return { at, level: 'operator', place: { file: 'test.cfg', line: 2 }, ...more }
}

test.each<[string, Partial<ProxyConfig>]>([
  ['mode tcp', { mode: 'tcp' }],
  ['disabled', { disabled: true }],
  ['disabled\n  enabled', { disabled: false }],
  ['id 77', { id: 77 }],
  ['description my own', { description: 'my own' }],
  ['timeout connect 5s', { timeouts: { connect: 5000, client: 1000, server: 1000 } }],
  ['timeout client 2m', { timeouts: { connect: 1000, client: 120_000, server: 1000 } }],
  ['timeout tunnel 1h', { timeouts: { connect: 1000, client: 1000, server: 1000, tunnel: 3_600_000 } }],
  ['timeout client-fin 1d', { timeouts: { connect: 1000, client: 1000, server: 1000, clientFin: 86_400_000 } }],
  ['timeout server-fin 7', { timeouts: { connect: 1000, client: 1000, server: 1000, serverFin: 7 } }],
  ['timeout queue 900us', { timeouts: { connect: 1000, client: 1000, server: 1000, queue: 1 } }],
  ['timeout check 5ms', { timeouts: { connect: 1000, client: 1000, server: 1000, check: 5 } }],
  ['timeout check 0', { timeouts: { connect: 1000, client: 1000, server: 1000 } }],
  ['option clitcpka', { clitcpka: true, srvtcpka: false }],
  ['option srvtcpka', { clitcpka: false, srvtcpka: true }],
  ['option tcpka', { clitcpka: true, srvtcpka: true }],
  ['option clitcpka\n  no option clitcpka', { clitcpka: false }],
  ['option clitcpka\n  default option clitcpka', { clitcpka: false }],
  ['maxconn 50', { maxconn: 50 }],
  ['backlog 10', { backlog: 10 }],
  ['default_backend other', { defaultBackend: 'other' }],
  ['use_backend other', { useBackend: [{ backend: 'other' }] }],
  ['balance roundrobin', { balance: { algorithm: 'roundrobin' } }],
  ['balance static-rr', { balance: { algorithm: 'static-rr' } }],
  ['balance leastconn', { balance: { algorithm: 'leastconn' } }],
  ['balance source', { balance: { algorithm: 'source' } }],
  ['balance first', { balance: { algorithm: 'first' } }],
  ['balance failover', { balance: { algorithm: 'failover' } }],
  ['balance random', { balance: { algorithm: 'random', draws: 2 } }],
  ['balance random(5)', { balance: { algorithm: 'random', draws: 5 } }],
  ['hash-type consistent', { hashType: 'consistent' }],
  ['hash-type map-based', { hashType: 'map-based' }],
  ['retries 0', { retries: 0 }],
  ['option redispatch', { redispatch: -1 }],
  ['option redispatch 2', { redispatch: 2 }],
  ['option allbackups', { allbackups: true }],
  ['option log-health-checks', { logHealthChecks: true }],
])('section: %s', (line, expected) => {
  quiet(inListen(line))
  expect(listen(line)).toMatchObject(expected)
  for (const [key, value] of Object.entries(expected)) expect(listen(line)[key as never]).toEqual(value)
})

test('redispatch can be taken back', () => {
  expect(listen('option redispatch\n no option redispatch')).not.toHaveProperty('redispatch')
  expect(listen('option redispatch 0')).not.toHaveProperty('redispatch')
})

test.each<[string, object]>([
  ['option tcplog', { format: { kind: 'format', text: expect.stringContaining('%Tw/%Tc/%Tt') } }],
  ['log-format "%ci %s"', { format: { kind: 'format', text: '%ci %s' } }],
  ['', { format: { kind: 'default' }, targets: [], dontlognull: false, dontlogNormal: false }],
  ['option dontlognull', { dontlognull: true }],
  ['option dontlog-normal', { dontlogNormal: true }],
  ['log-tag mine', { tag: 'mine' }],
  ['log global', { targets: [{ to: { kind: 'stderr' } }] }],
  ['log stdout local0', { targets: [{ to: { kind: 'stdout' } }] }],
  ['log global\n log stdout local0', { targets: [{ to: { kind: 'stderr' } }, { to: { kind: 'stdout' } }] }],
  ['log global\n no log', { targets: [] }],
])('log of a section: %s', (lines, expected) => {
  const text = `global\n log stderr local0\n${inListen(lines)}`
  expect(quiet(text).proxies[0]!.log).toMatchObject(expected)
})

test.each<[string, object[]]>([
  ['*:80', [{ host: '0.0.0.0', port: 80 }]],
  [':80', [{ host: '0.0.0.0', port: 80 }]],
  ['ipv6@:80', [{ host: '::', port: 80 }]],
  ['ipv4@127.0.0.1:80', [{ host: '127.0.0.1', port: 80 }]],
  ['[::1]:80', [{ host: '::1', port: 80 }]],
  ['::1:80', [{ host: '::1', port: 80 }]],
  [':::80', [{ host: '::', port: 80 }]],
  ['localhost:80', [{ host: 'localhost', port: 80 }]],
  [':8000-8002', [8000, 8001, 8002].map((port) => ({ host: '0.0.0.0', port }))],
  ['*:1,[::]:2,/run/x', [{ host: '0.0.0.0', port: 1 }, { host: '::', port: 2 }, { path: '/run/x' }]],
  ['unix@/run/x', [{ path: '/run/x' }]],
])('bind %s', (address, expected) => {
  const { binds } = quiet(`${inListen('')}frontend f\n bind ${address}\n default_backend other\n`).proxies[2]!
  expect(binds.map(({ at }) => at)).toEqual(expected)
})

test('words of bind', () => {
  const { binds } = listen(
    'bind [::]:2 accept-proxy name door v4v6 backlog 9 maxconn 3\n bind *:3 v4v6\n bind :::4 v6only',
  )
  expect(binds.slice(1)).toMatchObject([
    { acceptProxy: true, name: 'door', v4v6: true, backlog: 9, maxconn: 3, place: { line: 8 } },
    { acceptProxy: false, v4v6: false, place: { line: 9 } },
    { v4v6: false },
  ])
})

test.each<[string, Partial<ServerConfig>]>([
  ['10.0.0.2:5432', { address: { host: '10.0.0.2', port: 5432 } }],
  ['[2001:db8::1]:5432', { address: { host: '2001:db8::1', port: 5432 } }],
  ['2001:db8::1:5432', { address: { host: '2001:db8::1', port: 5432 } }],
  ['ipv4@10.0.0.2:1', { address: { host: '10.0.0.2', port: 1 } }],
  ['db.internal:1', { address: { host: 'db.internal', port: 1 } }],
  ['_pg._tcp.service.consul:1', { address: { host: '_pg._tcp.service.consul', port: 1 } }],
  ['/run/x', { address: { path: '/run/x' } }],
  ['unix@/run/x', { address: { path: '/run/x' } }],
  ['10.0.0.2', { address: { host: '10.0.0.2' }, portOffset: 0 }],
  ['10.0.0.2:+1000', { address: { host: '10.0.0.2' }, portOffset: 1000 }],
  ['10.0.0.2:-10', { address: { host: '10.0.0.2' }, portOffset: -10 }],
])('the address of a server: %s', (address, expected) => {
  expect(listen(`server t ${address}`).servers[1]).toMatchObject(expected)
})
