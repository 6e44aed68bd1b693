import type { TcpCheckStep } from '../../../src/config/model.ts'
import type { Way } from './way.ts'

const send = (data: string): TcpCheckStep => ({ kind: 'send', data: Buffer.from(data) })
const expectText = (text: string, negate = false): TcpCheckStep => ({
  kind: 'expect',
  negate,
  match: { kind: 'string', text },
})

export const tcpWays: readonly Way[] = [
  { name: 'connect', lines: [], method: { kind: 'connect' }, answers: {} },
  {
    name: 'connect with proxy v1',
    lines: [],
    words: 'check-send-proxy send-proxy',
    method: { kind: 'connect' },
    check: { sendProxy: 1 },
    answers: {},
  },
  {
    name: 'connect with tls',
    lines: [],
    words: 'check-ssl verify none',
    method: { kind: 'connect' },
    check: { tls: true },
    answers: { good: { tls: true } },
  },
  {
    name: 'connect with tls and proxy v2',
    lines: [],
    words: 'check-ssl verify none check-send-proxy send-proxy-v2',
    method: { kind: 'connect' },
    check: { tls: true, sendProxy: 2 },
    answers: {},
  },
  {
    name: 'tcp-check without steps',
    lines: ['option tcp-check'],
    method: { kind: 'tcp-check', steps: [] },
    answers: {},
  },
  {
    name: 'tcp-check sentinel',
    lines: [
      'option tcp-check',
      'tcp-check send PING\\r\\n',
      'tcp-check expect string +PONG',
      'tcp-check send info\\ replication\\r\\n',
      'tcp-check expect string role:master',
      'tcp-check send QUIT\\r\\n',
      'tcp-check expect string +OK',
    ],
    method: {
      kind: 'tcp-check',
      steps: [
        send('PING\r\n'),
        expectText('+PONG'),
        send('info replication\r\n'),
        expectText('role:master'),
        send('QUIT\r\n'),
        expectText('+OK'),
      ],
    },
    answers: {
      good: { each: true, says: ['+PONG\r\n', '$20\r\nrole:master\r\n', '+OK\r\n'] },
      'good, in pieces': {
        each: true,
        says: [
          ['+PO', 'NG\r\n'],
          ['$20\r\nrole:', 'master\r\n'],
          ['+O', 'K\r\n'],
        ],
      },
      'good, then reset': { each: true, says: ['+PONG\r\n', '$20\r\nrole:master\r\n', '+OK\r\n'], ends: 'rst' },
      replica: { each: true, says: ['+PONG\r\n', '$20\r\nrole:slave\r\n'] },
      'replica, closes': { each: true, says: ['+PONG\r\n', '$20\r\nrole:slave\r\n'], ends: 'fin' },
      'all at once': { each: true, says: ['+PONG\r\nrole:master\r\n+OK\r\n'] },
      'pong, then closes': { each: true, says: ['+PONG\r\n'], ends: 'fin' },
      'pong, then reset': { each: true, says: ['+PONG\r\n'], ends: 'rst' },
    },
  },
  {
    name: 'tcp-check connect, comment',
    lines: ['option tcp-check', 'tcp-check connect', 'tcp-check expect string hello comment greeting'],
    method: {
      kind: 'tcp-check',
      steps: [
        { kind: 'connect', sendProxy: false, tls: false },
        { kind: 'expect', negate: false, match: { kind: 'string', text: 'hello' }, comment: 'greeting' },
      ],
    },
    answers: { good: { first: true, says: ['well, hel', 'lo'] }, bad: { first: true, says: ['go away'], ends: 'fin' } },
  },
  {
    name: 'tcp-check expect ! string',
    lines: ['option tcp-check', 'tcp-check expect ! string bad'],
    method: { kind: 'tcp-check', steps: [expectText('bad', true)] },
    answers: {
      good: { first: true, says: ['fine'] },
      short: { first: true, says: ['fi'] },
      bad: { first: true, says: ['it is bad'] },
      'good, closes': { first: true, says: ['fine'], ends: 'fin' },
    },
  },
  {
    name: 'tcp-check expect rstring',
    lines: ['option tcp-check', 'tcp-check expect rstring ^SSH-2[.]0'],
    method: {
      kind: 'tcp-check',
      steps: [{ kind: 'expect', negate: false, match: { kind: 'rstring', pattern: /^SSH-2[.]0/ } }],
    },
    answers: { good: { first: true, says: ['SSH', '-2.0-x\r\n'] } },
  },
  {
    name: 'tcp-check expect ! rstring',
    lines: ['option tcp-check', 'tcp-check expect ! rstring ba+d'],
    method: {
      kind: 'tcp-check',
      steps: [{ kind: 'expect', negate: true, match: { kind: 'rstring', pattern: /ba+d/ } }],
    },
    answers: { good: { first: true, says: ['fine'] }, bad: { first: true, says: ['baaad'] } },
  },
  {
    name: 'tcp-check expect binary',
    lines: ['option tcp-check', 'tcp-check send-binary 0102', 'tcp-check expect binary 00ff80'],
    method: {
      kind: 'tcp-check',
      steps: [
        { kind: 'send', data: Uint8Array.of(1, 2) },
        { kind: 'expect', negate: false, match: { kind: 'binary', data: Uint8Array.of(0, 255, 128) } },
      ],
    },
    answers: { good: { says: [Uint8Array.of(9, 0, 255, 128, 7)] }, short: { says: [Uint8Array.of(0, 255)] } },
  },
  {
    name: 'tcp-check two expects',
    lines: ['option tcp-check', 'tcp-check expect string b', 'tcp-check expect string a'],
    method: { kind: 'tcp-check', steps: [expectText('b'), expectText('a')] },
    answers: {
      'of the same bytes': { first: true, says: ['ab'] },
      'one only, closes': { first: true, says: ['b'], ends: 'fin' },
      'with a NUL': { first: true, says: ['x\0b\0a'] },
      'at the end of the buffer': { first: true, says: ['x'.repeat(16_384 - 3), 'abc'] },
      'beyond the buffer': { first: true, says: ['x'.repeat(17_000)] },
    },
  },
  {
    name: 'tcp-check two connections',
    lines: [
      'option tcp-check',
      'tcp-check connect',
      'tcp-check send a',
      'tcp-check expect string b',
      'tcp-check connect port 1 comment second',
    ],
    method: {
      kind: 'tcp-check',
      steps: [
        { kind: 'connect', sendProxy: false, tls: false },
        send('a'),
        expectText('b'),
        { kind: 'connect', sendProxy: false, tls: false, port: 1, comment: 'second' },
      ],
    },
    answers: { 'first good': { says: ['b'] } },
  },
  {
    name: 'tcp-check expect binary comment',
    lines: ['option tcp-check', 'tcp-check expect binary 0203 comment there'],
    method: {
      kind: 'tcp-check',
      steps: [
        { kind: 'expect', negate: false, match: { kind: 'binary', data: Uint8Array.of(2, 3) }, comment: 'there' },
      ],
    },
    answers: { good: { first: true, says: ['\x01\x02\x03'] } },
  },
  {
    name: 'tcp-check send only',
    lines: ['option tcp-check', 'tcp-check send hello'],
    method: { kind: 'tcp-check', steps: [send('hello')] },
    answers: {},
  },
  {
    name: 'tcp-check connect alone',
    lines: ['option tcp-check', 'tcp-check connect'],
    method: { kind: 'tcp-check', steps: [{ kind: 'connect', sendProxy: false, tls: false }] },
    answers: {},
  },
  {
    name: 'tcp-check connect ssl',
    lines: ['option tcp-check', 'tcp-check connect ssl'],
    words: 'verify none',
    method: { kind: 'tcp-check', steps: [{ kind: 'connect', sendProxy: false, tls: true }] },
    answers: { good: { tls: true } },
  },
]
