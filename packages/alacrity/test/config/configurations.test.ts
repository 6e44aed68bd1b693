import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkWithHAProxy } from '@tourniquet/testkit'
import { expect, test } from 'vitest'
import { formatProblem } from '../../src/config/errors.ts'
import type { Configuration } from '../../src/config/model.ts'
import { readConfigurationFile } from '../../src/config/read.ts'

const folder = join(import.meta.dirname, 'configurations')

function load(name: string): Configuration {
  return readConfigurationFile(join(folder, `${name}.cfg`))
}

/** What loads with how many servers in each section, and what a warning is about. */
const configurations: Record<string, { servers: Record<string, number>; warnings: string[] }> = {
  patroni: { servers: { stats: 0, primary: 3, replicas: 3 }, warnings: ['stats socket', 'user', 'group', 'daemon'] },
  'galera-mysql-check': { servers: { galera_writes: 0, galera_reads: 0, galera_one: 3, galera_all: 3 }, warnings: [] },
  'galera-clustercheck': {
    servers: { galera: 3 },
    warnings: [
      ...['chroot', 'pidfile', 'ulimit-n', 'tune.bufsize', 'option httplog', 'option http-server-close'],
      ...['timeout http-request', 'timeout http-keep-alive'],
    ],
  },
  'redis-sentinel': { servers: { redis_in: 0, master: 3 }, warnings: [] },
  rabbitmq: { servers: { amqp: 3, management: 2, amqps: 2 }, warnings: ['log', 'log'] },
  'kubernetes-api': {
    servers: { apiserver: 0, apiserverbackend: 3 },
    warnings: [
      ...['daemon', 'option httplog', 'option http-server-close', 'option forwardfor'],
      ...['timeout http-request', 'timeout http-keep-alive'],
    ],
  },
  'openshift-api': {
    servers: { 'api-server-6443': 4, 'machine-config-server-22623': 2, 'ingress-router-443': 2 },
    warnings: ['pidfile', 'daemon', 'timeout http-request', 'timeout http-keep-alive'],
  },
  pgbouncer: { servers: { pgbouncer: 0, pool: 2, pool_backup: 1 }, warnings: [] },
  mqtt: { servers: { mqtt: 3 }, warnings: ['bind'] },
  ldap: { servers: { ldap: 2, ldaps: 2 }, warnings: [] },
  smtp: { servers: { smtp: 2, submission: 2 }, warnings: [] },
  'etcd-minio': { servers: { etcd: 3, minio: 4 }, warnings: ['option httpchk'] },
  'consul-dns': { servers: { postgres: 6, watch: 0 }, warnings: ['accepted_payload_size', 'hold'] },
}

test('every file in the folder is tested', () => {
  const files = readdirSync(folder).map((file) => file.replace(/\.cfg$/, ''))
  expect(files.sort()).toEqual(Object.keys(configurations).sort())
})

test.each(Object.entries(configurations))('%s loads here, and HAProxy takes it, too', async (name, expected) => {
  const { proxies, warnings } = load(name)
  expect(warnings.map(({ directive }) => directive)).toEqual(expected.warnings)
  expect(warnings.map(formatProblem).join('\n')).toMatch(expected.warnings.length > 0 ? /warning: / : /^$/)
  const servers = proxies.filter(({ kind }) => kind !== 'frontend' || !(expected.servers[name] === 0))
  for (const { name: section, kind, servers: own } of servers) {
    if (kind !== 'frontend')
      expect({ section, servers: own.length }).toEqual({ section, servers: expected.servers[section] })
  }
  expect([...new Set(proxies.map((proxy) => proxy.name))]).toEqual(Object.keys(expected.servers))
  const { valid, output } = await checkWithHAProxy(readFileSync(join(folder, `${name}.cfg`), 'utf8'))
  expect(valid, output).toBe(true)
})

test('Patroni: who is primary is asked at its API', () => {
  const primary = load('patroni').proxies[1]!
  expect(primary).toMatchObject({
    kind: 'listen',
    id: 3,
    binds: [{ at: { host: '127.0.0.1', port: 15_000 } }],
    timeouts: { client: 1_800_000, connect: 4000, server: 1_800_000, check: 5000 },
    retries: 2,
    check: { kind: 'http', method: 'OPTIONS', uri: '/primary', expect: { kind: 'status', ranges: [[200, 200]] } },
  })
  expect(primary.servers[2]).toMatchObject({
    name: 'pg3',
    id: 3,
    address: { host: '127.0.1.3', port: 5432 },
    maxconn: 100,
    onMarkedDown: 'shutdown-sessions',
    check: { interMs: 3000, fastinterMs: 3000, downinterMs: 3000, fall: 3, rise: 2, port: 8008, tls: false },
  })
})

test('Kubernetes: checks speak TLS, connections are passed on', () => {
  const backend = load('kubernetes-api').proxies[1]!
  expect(backend.check).toMatchObject({
    method: 'GET',
    uri: '/healthz',
    version: 'HTTP/1.1',
    headers: [['Host', 'kubernetes']],
  })
  expect(backend.servers.map(({ check }) => check?.tls)).toEqual([true, true, true])
  expect(backend.mode).toBe('tcp')
})

test('Redis under Sentinel: the steps of the check', () => {
  const { check } = load('redis-sentinel').proxies[1]!
  const steps = check.kind === 'tcp-check' ? check.steps.map(({ kind }) => kind) : []
  expect(steps).toEqual(['connect', ...Array<string[]>(4).fill(['send', 'expect']).flat()])
})
