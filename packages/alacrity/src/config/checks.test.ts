import { expect, test } from 'vitest'
import { inListen, listen, read, timeouts } from '../../test/config/reading.ts'
import type { CheckMethod, HttpCheck } from './model.ts'

const http = {
  kind: 'http',
  method: 'OPTIONS',
  uri: '/',
  version: 'HTTP/1.0',
  headers: [],
  disableOn404: false,
} as const

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'))
}

test.each<[string, CheckMethod]>([
  ['', { kind: 'connect' }],
  ['option tcp-check', { kind: 'tcp-check', steps: [] }],
  ['option mysql-check', { kind: 'mysql', version: 'post-41' }],
  ['option mysql-check user u', { kind: 'mysql', user: 'u', version: 'post-41' }],
  ['option mysql-check user u pre-41', { kind: 'mysql', user: 'u', version: 'pre-41' }],
  ['option mysql-check user u post-41', { kind: 'mysql', user: 'u', version: 'post-41' }],
  ['option pgsql-check user u', { kind: 'pgsql', user: 'u' }],
  ['option redis-check', { kind: 'redis' }],
  ['option ldap-check', { kind: 'ldap' }],
  ['option smtpchk', { kind: 'smtp', hello: 'HELO localhost' }],
  ['option smtpchk EHLO me.example', { kind: 'smtp', hello: 'EHLO me.example' }],
  ['option smtpchk FOO bar', { kind: 'smtp', hello: 'HELO localhost' }],
  ['option redis-check\n option ldap-check', { kind: 'ldap' }],
  ['option httpchk', http],
  ['option httpchk /x', { ...http, uri: '/x' }],
  ['option httpchk GET /x', { ...http, method: 'GET', uri: '/x' }],
  ['option httpchk GET /x HTTP/1.1', { ...http, method: 'GET', uri: '/x', version: 'HTTP/1.1' }],
  ['option httpchk\n http-check disable-on-404', { ...http, disableOn404: true }],
  ['http-check disable-on-404\n option httpchk', { ...http, disableOn404: true }],
  [
    String.raw`option httpchk GET /x HTTP/1.1\r\nHost:\ www\r\nA:\ b\r\n\r\nbody`,
    {
      ...http,
      method: 'GET',
      uri: '/x',
      version: 'HTTP/1.1',
      headers: [
        ['Host', 'www'],
        ['A', 'b'],
      ],
      body: 'body',
    },
  ],
  [
    'option httpchk\n http-check send meth PUT uri /y ver HTTP/1.1 hdr Host a hdr X "b c" body "{}"',
    {
      ...http,
      method: 'PUT',
      uri: '/y',
      version: 'HTTP/1.1',
      headers: [
        ['Host', 'a'],
        ['X', 'b c'],
      ],
      body: '{}',
    },
  ],
  [
    'http-check send hdr Host a\n option httpchk GET /x HTTP/1.1',
    { ...http, method: 'GET', uri: '/x', version: 'HTTP/1.1', headers: [['Host', 'a']] },
  ],
])('%s', (lines, expected) => {
  expect(listen(lines).check).toEqual(expected)
})

test.each<[string, HttpCheck['expect']]>([
  ['status 200', { kind: 'status', negate: false, ranges: [[200, 200]] }],
  [
    '! status 200-299,404',
    {
      kind: 'status',
      negate: true,
      ranges: [
        [200, 299],
        [404, 404],
      ],
    },
  ],
  ['rstatus ^2', { kind: 'rstatus', negate: false, pattern: /^2/ }],
  ['!rstatus ^2', { kind: 'rstatus', negate: true, pattern: /^2/ }],
  ['string role:master', { kind: 'string', negate: false, text: 'role:master' }],
  ['! string x', { kind: 'string', negate: true, text: 'x' }],
  ['rstring (?i)ok', { kind: 'rstring', negate: false, pattern: /ok/i }],
  ['comment hello rstring ok', { kind: 'rstring', negate: false, pattern: /ok/ }],
])('http-check expect %s', (words, expected) => {
  expect(listen(`option httpchk\n http-check expect ${words}`).check).toEqual({ ...http, expect: expected })
})

test('http-check connect says how to go there, instead of the servers', () => {
  const { servers } = listen(
    'option httpchk\n http-check connect port 99 ssl sni a send-proxy\n server t 10.0.0.2:1 check port 5',
  )
  expect(servers[1]!.check).toMatchObject({ port: 99, tls: true, sni: 'a', sendProxy: 1 })
  const { servers: plain } = listen('option httpchk\n http-check connect\n server t 10.0.0.2:1 check port 5')
  expect(plain[1]!.check).toMatchObject({ port: 5, tls: false })
})

test('the steps of a tcp-check', () => {
  const { check } = listen(String.raw`option tcp-check
    tcp-check connect
    tcp-check connect port 99 send-proxy ssl comment there
    tcp-check send PING\r\n
    tcp-check send \x01\xff comment raw
    tcp-check send-binary 00ff
    tcp-check expect string +PONG
    tcp-check expect ! string -ERR
    tcp-check expect binary 0aFF
    tcp-check expect comment role !rstring ^role:\ slave
    tcp-check comment late
    tcp-check send é→
    tcp-check expect string x comment own`)
  const expecting = { kind: 'expect', negate: false }
  expect(check).toEqual({
    kind: 'tcp-check',
    steps: [
      { kind: 'connect', sendProxy: false, tls: false },
      { kind: 'connect', port: 99, sendProxy: true, tls: true, comment: 'there' },
      { kind: 'send', data: bytes('PING\r\n') },
      { kind: 'send', data: bytes('\x01\xff'), comment: 'raw' },
      { kind: 'send', data: bytes('\x00\xff') },
      { ...expecting, match: { kind: 'string', text: '+PONG' } },
      { ...expecting, negate: true, match: { kind: 'string', text: '-ERR' } },
      { ...expecting, match: { kind: 'binary', data: bytes('\x0a\xff') } },
      { ...expecting, negate: true, match: { kind: 'rstring', pattern: /^role: slave/ }, comment: 'role' },
      { kind: 'send', data: new Uint8Array(Buffer.from('é→')), comment: 'late' },
      { ...expecting, match: { kind: 'string', text: 'x' }, comment: 'own' },
    ],
  })
})

test('the rules of defaults hold until a section has its own', () => {
  const defaults = `${timeouts} option httpchk GET /a\n http-check expect status 201\n http-check disable-on-404\n`
  const section = (name: string, lines: string): string => `listen ${name}\n bind *:1\n ${lines}\n`
  const text = `${defaults}${section('a', '')}${section('b', 'http-check expect status 202')}${section('c', 'option httpchk GET /c')}`
  const [a, b, c] = read(text).proxies.map(({ check }) => check as HttpCheck)
  expect(a).toMatchObject({ uri: '/a', disableOn404: true, expect: { ranges: [[201, 201]] } })
  expect(b).toMatchObject({ disableOn404: true, expect: { ranges: [[202, 202]] } })
  expect(c).toMatchObject({ uri: '/c', disableOn404: true })
  expect(c).not.toHaveProperty('expect')
})

test('so do the steps of a tcp-check, and its comment', () => {
  const defaults = `${timeouts} option tcp-check\n tcp-check comment c\n tcp-check send a\n`
  const text = `${defaults}listen a\n bind *:1\nlisten b\n bind *:1\n tcp-check send b\nlisten c\n bind *:1\n`
  const steps = read(text).proxies.map(({ check }) => (check.kind === 'tcp-check' ? check.steps : []))
  const inherited = [{ kind: 'send', data: bytes('a'), comment: 'c' }]
  expect(steps).toEqual([inherited, [{ kind: 'send', data: bytes('b') }], inherited])
})

test('a check by tcp-check may bring the port', () => {
  expect(() => read(inListen('server t 10.0.0.2 check'))).toThrow('no port of its own to check')
  expect(listen('option tcp-check\n tcp-check connect port 9\n server t 10.0.0.2 check').servers).toHaveLength(2)
  expect(listen('server t 10.0.0.2 check port 9').servers).toHaveLength(2)
})
