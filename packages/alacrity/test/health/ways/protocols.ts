import type { Way } from './way.ts'

const ldapBind = (code: number): Buffer => Buffer.from([0x30, 0x0c, 2, 1, 1, 0x61, 7, 0x0a, 1, code, 4, 0, 4, 0])
const mysqlPacket = (seq: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([body.length & 255, body.length >> 8, 0, seq]), body])
const mysqlHello = mysqlPacket(
  0,
  Buffer.from(
    '0a352e352e352d31302e31312e3138004d0000002a5a3b5d277e45210' +
      '0fef72d0200ff81150000000000001d00000073656d6b5a7c4e5e23674d2f006d7973716c5f6e61746976655f70617373776f726400',
    'hex',
  ),
)
const mysqlOk = mysqlPacket(2, Buffer.from([0, 0, 0, 2, 0, 0, 0]))
const mysqlError = (seq: number, code: number, text: string): Buffer =>
  mysqlPacket(seq, Buffer.concat([Buffer.from([255, code & 255, code >> 8]), Buffer.from(text)]))
const denied = '#28000Access denied for user'
const pgError = Buffer.concat([Buffer.from([0x45, 0, 0, 0, 40]), Buffer.from('SFATAL\0C28000\0Mrole "x" does not\0\0')])
const pgAuth = (code: number): Buffer => Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, code])

export const protocolWays: readonly Way[] = [
  ...(['post-41', 'pre-41'] as const).map(
    (version): Way => ({
      name: `mysql user ${version}`,
      lines: [`option mysql-check user check ${version}`],
      method: { kind: 'mysql', user: 'check', version },
      answers: {
        good: { first: true, says: [mysqlHello, mysqlOk] },
        'in pieces': {
          first: true,
          says: [
            mysqlHello.subarray(0, 3),
            mysqlHello.subarray(3, 30),
            mysqlHello.subarray(30),
            mysqlOk.subarray(0, 5),
            mysqlOk.subarray(5),
          ],
        },
        'denied at once': { first: true, says: [mysqlError(0, 1130, "Host 'x' is not allowed")], ends: 'fin' },
        denied: { first: true, says: [mysqlHello, mysqlError(2, 1045, denied)], ends: 'fin' },
        'auth switch': { first: true, says: [mysqlHello, mysqlPacket(2, Buffer.from([254, 0]))] },
        'hello, closes': { first: true, says: [mysqlHello], ends: 'fin' },
        'hello, silent': { first: true, says: [mysqlHello] },
        'half a hello, closes': { first: true, says: [mysqlHello.subarray(0, 20)], ends: 'fin' },
        'short hello': { first: true, says: [mysqlPacket(0, Buffer.from('\x0a5.5\0'))] },
        'no version': { first: true, says: [mysqlPacket(0, Buffer.alloc(40, 0x41))] },
        'empty packet': { first: true, says: [mysqlPacket(0, Buffer.alloc(0))], ends: 'fin' },
      },
    }),
  ),
  {
    name: 'mysql without user',
    lines: ['option mysql-check'],
    method: { kind: 'mysql', version: 'post-41' },
    answers: {
      good: { first: true, says: [mysqlHello] },
      'in pieces': {
        first: true,
        says: [mysqlHello.subarray(0, 3), mysqlHello.subarray(3, 30), mysqlHello.subarray(30)],
      },
      denied: { first: true, says: [mysqlError(0, 1130, "Host 'x' is not allowed")], ends: 'fin' },
      'no version': { first: true, says: [mysqlPacket(0, Buffer.alloc(40, 0x41))] },
      'short hello': { first: true, says: [mysqlPacket(0, Buffer.from('\x0a5.5\0'))] },
      'empty packet': { first: true, says: [mysqlPacket(0, Buffer.alloc(0))] },
    },
  },
  {
    name: 'pgsql',
    lines: ['option pgsql-check user check'],
    method: { kind: 'pgsql', user: 'check' },
    answers: {
      trust: { says: [pgAuth(0)] },
      md5: { says: [Buffer.from([0x52, 0, 0, 0, 12, 0, 0, 0, 5, 1, 2, 3, 4])] },
      'in pieces': { says: [pgAuth(0).subarray(0, 4), pgAuth(0).subarray(4)] },
      sasl: { says: [Buffer.from('R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0')] },
      'auth 2': { says: [pgAuth(2)] },
      'auth 99': { says: [pgAuth(99)] },
      error: { says: [pgError], ends: 'fin' },
      'error, stays': { says: [pgError] },
      'short R': { says: ['R\0\0\0\x08'], ends: 'fin' },
      'short E': { says: ['E\0\0'], ends: 'fin' },
      'another letter': { says: ['Nothing of this kind'] },
      ...Object.fromEntries([1, 7, 8, 9, 10, 11, 12].map((code) => [`auth ${code}`, { says: [pgAuth(code)] }])),
      'a long R': { says: [Uint8Array.of(0x52, 0, 0, 1, 8, 0, 0, 0, 0)] },
      'the beginning of an error': { says: ['Eab'] },
      'an error without end': { says: ['E\0\0\0\x20SFATAL  and more'] },
    },
  },
  {
    name: 'redis',
    lines: ['option redis-check'],
    method: { kind: 'redis' },
    answers: {
      good: { says: ['+PONG\r\n'] },
      'in pieces': { says: ['+PO', 'NG\r\n'] },
      'good, closes': { says: ['+PONG\r\n'], ends: 'fin' },
      loading: { says: ['-LOADING Redis is loading the dataset in memory\r\n'] },
      'error, then reset': { says: ['-WRONG x\r\n'], ends: 'rst' },
      'error, closes': { says: ['-NOAUTH "x" <y>\r\nmore'], ends: 'fin' },
      noauth: { says: ['-NOAUTH Authentication required.\r\n'] },
      short: { says: ['+PO'], ends: 'fin' },
      'no end of line': { says: ['+PONG'] },
    },
  },
  ...(['HELO localhost', 'EHLO mail.example'] as const).map(
    (hello): Way => ({
      name: `smtp ${hello}`,
      lines: [`option smtpchk ${hello}`],
      method: { kind: 'smtp', hello },
      answers: {
        good: { first: true, each: true, says: ['220 mail.example ESMTP\r\n', '250 mail.example\r\n', '221 bye\r\n'] },
        'many lines': {
          first: true,
          each: true,
          says: ['220 mail.example ESMTP\r\n', '250-mail.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n', '221 bye\r\n'],
        },
        'many lines, in pieces': {
          first: true,
          each: true,
          says: [
            ['22', '0 mail.example ESMTP\r\n'],
            ['250-mail.example\r\n25', '0-PIPELINING\r\n250 8BITMIME\r\n'],
            '221 bye\r\n',
          ],
        },
        'many lines first': {
          first: true,
          each: true,
          says: ['220-mail.example ESMTP\r\n220 hi\r\n', '250 mail.example\r\n', '221 bye\r\n'],
        },
        unavailable: { first: true, each: true, says: ['421 too busy\r\n'], ends: 'fin' },
        'refuses hello': { first: true, each: true, says: ['220 hi\r\n', '550 go away\r\n'] },
        'no bye': { first: true, each: true, says: ['220 hi\r\n', '250 mail.example\r\n'] },
        'no bye, closes': { first: true, each: true, says: ['220 hi\r\n', '250 mail.example\r\n'], ends: 'fin' },
        'bad bye': { first: true, each: true, says: ['220 hi\r\n', '250 mail.example\r\n', '500 what\r\n'] },
        'no digits': { first: true, each: true, says: ['hello there\r\n'] },
        'two digits': { first: true, each: true, says: ['22 hello there\r\n'] },
        'no text': { first: true, each: true, says: ['220\r\n', '250\r\n', '221\r\n'] },
        'unavailable, stays': { first: true, each: true, says: ['421 too busy\r\n'] },
        'good and bad': { first: true, each: true, says: ['220 hi\r\n', '250-a\r\n550 b\r\n'], ends: 'fin' },
        'refuses hello, closes': { first: true, each: true, says: ['220 hi\r\n', '550 b\r\n'], ends: 'fin' },
        'three bytes': { first: true, each: true, says: ['220'] },
        'three bytes, closes': { first: true, each: true, says: ['220'], ends: 'fin' },
        'more follows': { first: true, each: true, says: ['220-mail\r\n'] },
        'bye of many lines': { first: true, each: true, says: ['220 mail\r\n', '250 a\r\n', '221-x\r\n221 y\r\n'] },
        'lines end with LF': { first: true, each: true, says: ['220 mail\n', '250 a\n', '221 bye\n'] },
        'only hi': { first: true, each: true, says: ['220 hi\r\n'] },
        'only hi, closes': { first: true, each: true, says: ['220 hi\r\n'], ends: 'fin' },
      },
    }),
  ),
  {
    name: 'ldap',
    lines: ['option ldap-check'],
    method: { kind: 'ldap' },
    answers: {
      good: { says: [ldapBind(0)] },
      'in pieces': { says: [ldapBind(0).subarray(0, 6), ldapBind(0).subarray(6)] },
      'long form': {
        says: [Buffer.from([0x30, 0x84, 0, 0, 0, 16, 2, 1, 1, 0x61, 0x84, 0, 0, 0, 7, 0x0a, 1, 0, 4, 0, 4, 0])],
      },
      'long form, code 53': {
        says: [Buffer.from([0x30, 0x84, 0, 0, 0, 16, 2, 1, 1, 0x61, 0x84, 0, 0, 0, 7, 0x0a, 1, 53, 4, 0, 4, 0])],
      },
      'no bind': { says: [ldapBind(48)] },
      'another message': { says: [Buffer.from([0x30, 0x0c, 2, 1, 2, 0x61, 7, 0x0a, 1, 0, 4, 0, 4, 0])] },
      'another operation': { says: [Buffer.from([0x30, 0x0c, 2, 1, 1, 0x65, 7, 0x0a, 1, 0, 4, 0, 4, 0])] },
      'one byte is missing': { says: [ldapBind(0).subarray(0, 13)] },
      'one byte is missing, closes': { says: [ldapBind(0).subarray(0, 13)], ends: 'fin' },
      'not an enumeration': { says: [Buffer.from([0x30, 0x0c, 2, 1, 1, 0x61, 7, 0x0b, 1, 0, 4, 0, 4, 0])] },
      'long form inside': { says: [Buffer.from([0x30, 0x0d, 2, 1, 1, 0x61, 0x81, 7, 0x0a, 1, 0, 4, 0, 4, 0])] },
      'lengths lie': { says: [Buffer.from([0x30, 0x7f, 2, 1, 1, 0x61, 0x7f, 0x0a, 1, 0, 4, 0, 4, 0])] },
      short: { says: [Buffer.from([0x30, 0x0c, 2])], ends: 'fin' },
      'short, stays': { says: [Buffer.from([0x30, 0x0c, 2])] },
    },
  },
]
