import type { HttpCheck, HttpExpect } from '../../../src/config/model.ts'
import type { Behaviour } from '../scripted.ts'
import type { Way } from './way.ts'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
const status = (code: number, words: string): string => `HTTP/1.1 ${code} ${words}\r\nContent-Length: 0\r\n\r\n`

const http = (more: Partial<HttpCheck> = {}): HttpCheck => ({
  kind: 'http',
  method: 'OPTIONS',
  uri: '/',
  version: 'HTTP/1.0',
  headers: [],
  disableOn404: false,
  ...more,
})
const head = (words: string): Behaviour => ({ says: [`${words}\r\n\r\n`] })
const oddAnswers: Record<string, Behaviour> = {
  '100, then 200': { says: ['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'] },
  101: head('HTTP/1.1 101 X'),
  600: head('HTTP/1.1 600 X'),
  'lines end with LF': { says: ['HTTP/1.1 200 OK\n\n'] },
  'HTTP/2.0': head('HTTP/2.0 200 OK'),
  'HTTP/0.9': head('HTTP/0.9 200 OK'),
  'four digits': head('HTTP/1.1 2000 OK'),
  'two digits': head('HTTP/1.1 20 OK'),
  'three noughts': head('HTTP/1.1 000 OK'),
  'blank lines first': { says: ['\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'] },
  'blank before colon': head('HTTP/1.1 200 OK\r\nA : b'),
  'folded header': head('HTTP/1.1 200 OK\r\nA: b\r\n c'),
  'bad length': head('HTTP/1.1 200 OK\r\nContent-Length: x'),
  'two lengths': head('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2'),
  'small letters': head('http/1.1 200 OK'),
  'huge head': head(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(20_000)}`),
  'large head': head(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(15_000)}`),
  'a strange reason': head('HTTP/1.1 503 a "b", <c>'),
  'no reason': head('HTTP/1.1 503 '),
  ICAP: head('ICAP/1.0 200 x'),
  'one line': { says: ['HTTP/1.1 200 OK'] },
}
const bodyAnswers: Record<string, Behaviour> = {
  '503 with body': { says: ['HTTP/1.1 503 X\r\nContent-Length: 5\r\n\r\nhello'] },
  'another body': { says: ['HTTP/1.1 200 X\r\nContent-Length: 5\r\n\r\nhallo'] },
  'half another body, stays': { says: ['HTTP/1.1 200 X\r\nContent-Length: 15\r\n\r\nhallo'] },
  'half another body, closes': { says: ['HTTP/1.1 200 X\r\nContent-Length: 15\r\n\r\nhallo'], ends: 'fin' },
  'another body until closed': { says: ['HTTP/1.1 200 X\r\n\r\nhallo'], ends: 'fin' },
  'far away': { says: [`HTTP/1.1 200 X\r\n\r\n${'x'.repeat(20_000)}hello`], ends: 'fin' },
  'bad chunk': { says: ['HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n'] },
  '204 with body': { says: ['HTTP/1.1 204 X\r\n\r\nhello'], ends: 'fin' },
  '304 with body': { says: ['HTTP/1.1 304 X\r\n\r\nhello'], ends: 'fin' },
}
const httpAnswers: Record<string, Behaviour> = {
  ok: { says: [ok] },
  'ok, closes': { says: [ok], ends: 'fin' },
  'ok, in pieces': { says: ['HTT', 'P/1.1 20', '0 OK\r\nContent-Le', 'ngth: 5\r\n\r\nhe', 'llo'] },
  'ok, 1.0 until closed': { says: ['HTTP/1.0 200 OK\r\n\r\n', 'hel', 'lo'], ends: 'fin' },
  'ok, cut short': { says: ['HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello'], ends: 'fin' },
  'ok, then reset': { says: [ok], ends: 'rst' },
  'ok, cut short, stays': { says: ['HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello'] },
  'ok, chunked': { says: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel', 'lo\r\n0\r\n\r\n'] },
  'ok, no reason': { says: ['HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n'] },
  redirect: { says: [status(301, 'Moved')] },
  'not found': { says: [status(404, 'Not Found')] },
  unavailable: { says: [status(503, 'Service Unavailable')] },
  'unavailable, closes': { says: [status(503, 'Service Unavailable')], ends: 'fin' },
  'half a head, closes': { says: ['HTTP/1.1 200 OK\r\nContent-Le'], ends: 'fin' },
  'half a head, stays': { says: ['HTTP/1.1 200 OK\r\nContent-Le'] },
  'bad status': { says: ['HTTP/1.1 abc OK\r\n\r\n'] },
  'not http': { says: ['+PONG\r\n\r\n'] },
  'bad header': { says: ['HTTP/1.1 200 OK\r\nbad header\r\n\r\n'] },
  'endless body': { says: ['HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(30_000)] },
}
const httpWay = (name: string, lines: string[], more: Partial<HttpCheck>, answers = httpAnswers): Way => ({
  name,
  lines,
  method: http(more),
  answers,
})
const expecting = (words: string, expect: HttpExpect, more: Partial<HttpCheck> = {}): Way =>
  httpWay(`http expect ${words}`, ['option httpchk', `http-check expect ${words}`], { expect, ...more })

export const httpWays: readonly Way[] = [
  httpWay('http', ['option httpchk'], {}),
  httpWay('http, odd answers', ['option httpchk'], {}, oddAnswers),
  ...(['string hello', '! string hello'] as const).map((words) =>
    httpWay(
      `http bodies expect ${words}`,
      ['option httpchk', `http-check expect ${words}`],
      { expect: { kind: 'string', negate: words.startsWith('!'), text: 'hello' } },
      bodyAnswers,
    ),
  ),
  httpWay(
    'http expect string, disable-on-404',
    ['option httpchk', 'http-check disable-on-404', 'http-check expect string hello'],
    { disableOn404: true, expect: { kind: 'string', negate: false, text: 'hello' } },
    { 'not found': { says: ['HTTP/1.1 404 X\r\nContent-Length: 5\r\n\r\nhallo'] } },
  ),
  httpWay('http disable-on-404', ['option httpchk', 'http-check disable-on-404'], { disableOn404: true }),
  httpWay(
    'http GET with Host',
    ['option httpchk', 'http-check send meth GET uri /primary ver HTTP/1.1 hdr Host db.example'],
    { method: 'GET', uri: '/primary', version: 'HTTP/1.1', headers: [['Host', 'db.example']] },
    { ok: { says: [ok] } },
  ),
  expecting('status 200-299', { kind: 'status', negate: false, ranges: [[200, 299]] }),
  expecting('! status 503', { kind: 'status', negate: true, ranges: [[503, 503]] }),
  expecting('rstatus ^20', { kind: 'rstatus', negate: false, pattern: /^20/ }),
  expecting('! rstatus ^5', { kind: 'rstatus', negate: true, pattern: /^5/ }),
  expecting('string hello', { kind: 'string', negate: false, text: 'hello' }),
  expecting('! string hello', { kind: 'string', negate: true, text: 'hello' }),
  expecting('rstring hel+o', { kind: 'rstring', negate: false, pattern: /hel+o/ }),
  expecting('! rstring hel+o', { kind: 'rstring', negate: true, pattern: /hel+o/ }),
  {
    name: 'http over tls',
    lines: ['option httpchk'],
    words: 'check-ssl verify none',
    method: http(),
    check: { tls: true },
    answers: {
      ok: { tls: true, says: [ok] },
      'unavailable, closes': { tls: true, says: [status(503, 'No')], ends: 'fin' },
    },
  },
]
