import { expect, test } from 'vitest'
import { inListen, read } from '../../test/config/reading.ts'
import type { ProxyConfig, StatsConfig } from './model.ts'

function page(lines: string): ProxyConfig {
  return read(`${inListen('')}listen p\n mode http\n bind *:2\n ${lines}\n`).proxies[2]!
}

const plain = {
  uri: '/haproxy?stats',
  realm: 'HAProxy Statistics',
  auth: [],
  hideVersion: false,
  showLegends: false,
  showModules: false,
}

test.each<[string, Partial<StatsConfig>]>([
  ['enable', {}],
  ['uri /s', { uri: '/s' }],
  [String.raw`realm my\ own`, { realm: 'my own' }],
  ['auth u:p:q', { auth: [{ user: 'u', password: 'p:q' }] }],
  [
    'auth u:p\n stats auth v:w',
    {
      auth: [
        { user: 'u', password: 'p' },
        { user: 'v', password: 'w' },
      ],
    },
  ],
  ['refresh 5', { refreshMs: 5000 }],
  ['refresh 500ms', { refreshMs: 500 }],
  ['hide-version', { hideVersion: true }],
  ['show-legends', { showLegends: true }],
  ['show-modules', { showModules: true }],
  ['show-desc all of it', { showDesc: 'all of it' }],
  ['show-node edge', { showNode: 'edge' }],
  ['scope .\n stats scope l', { scope: ['.', 'l'] }],
  [
    'admin if TRUE',
    { admin: { negate: false, anyOf: [[{ negate: false, anyOf: [{ kind: 'always', value: true }] }]] } },
  ],
])('stats %s', (words, expected) => {
  expect(page(`stats ${words}`).stats).toEqual({ ...plain, ...expected })
})

test('a section without any has no page', () => {
  expect(page('')).not.toHaveProperty('stats')
})

test('monitor', () => {
  const { monitorUri, monitorFail } = page('monitor-uri /health\n monitor fail if { nbsrv(l) lt 1 }')
  expect(monitorUri).toBe('/health')
  expect(monitorFail?.anyOf).toMatchObject([[{ anyOf: [{ kind: 'nbsrv', backend: 'l' }] }]])
})

test.each<[string, string[]]>([
  ['{ path /metrics }', ['/metrics']],
  ['{ path /a /b }', ['/a', '/b']],
  ['{ path -m str /a } or { path_beg /b }', ['/a', '/b']],
  ['m', ['/named']],
])('prometheus if %s', (condition, paths) => {
  const lines = `acl m path /named\n http-request use-service prometheus-exporter if ${condition}`
  expect(page(lines).prometheusPaths).toEqual(paths)
})

test.each([
  'stats enable',
  'monitor-uri /health',
  'monitor fail if TRUE',
  'http-request use-service prometheus-exporter if { path /metrics }',
])('in a section of mode tcp it is lost, and a warning says so: %s', (line) => {
  const { proxies, warnings } = read(inListen(line))
  for (const key of ['stats', 'monitorUri', 'monitorFail']) expect(proxies[0]).not.toHaveProperty(key)
  expect(proxies[0]!.prometheusPaths).toEqual([])
  expect(warnings).toMatchObject([{ line: 5, message: expect.stringContaining("need 'mode http'") }])
})

test('what defaults say of the page is for the sections of mode http', () => {
  const text = `${inListen('')}listen p\n mode http\n bind *:2\n`.replace('defaults\n', 'defaults\n stats uri /d\n')
  const { proxies, warnings } = read(text)
  expect(proxies.map(({ stats }) => stats?.uri)).toEqual([undefined, undefined, '/d'])
  expect(warnings).toEqual([])
})
