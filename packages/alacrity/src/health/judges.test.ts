import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HttpExpect } from '../config/model.ts'
import { httpPlan } from './http.ts'
import { readHttp } from './http-answer.ts'
import { ldapPlan } from './ldap.ts'
import { mysqlPlan } from './mysql.ts'
import { pgsqlPlan } from './pgsql.ts'
import { redisPlan } from './redis.ts'
import { smtpPlan } from './smtp.ts'
import { firstLine, type Judge, type Plan } from './steps.ts'
import { tcpCheckPlan } from './tcp-check.ts'

const check = { interMs: 1, fastinterMs: 1, downinterMs: 1, rise: 1, fall: 1, tls: false }
const http = (expect: HttpExpect): Plan => {
  const request = { method: 'GET', uri: '/', version: 'HTTP/1.0', headers: [], disableOn404: true } as const
  return httpPlan({ kind: 'http', ...request, expect }, check, true)
}
const plans: Record<string, Plan> = {
  'http status': http({ kind: 'status', negate: false, ranges: [[200, 399]] }),
  'http rstatus': http({ kind: 'rstatus', negate: true, pattern: /^5/ }),
  'http string': http({ kind: 'string', negate: false, text: 'ok' }),
  'http rstring': http({ kind: 'rstring', negate: true, pattern: /o+k/ }),
  mysql: mysqlPlan({ kind: 'mysql', user: 'u', version: 'post-41' }, check),
  pgsql: pgsqlPlan('u', check),
  redis: redisPlan(check),
  smtp: smtpPlan('HELO localhost', check),
  ldap: ldapPlan(check),
  'tcp-check': tcpCheckPlan(
    {
      kind: 'tcp-check',
      steps: [
        { kind: 'expect', negate: false, match: { kind: 'string', text: 'ok' } },
        { kind: 'expect', negate: true, match: { kind: 'rstring', pattern: /o+k/g } },
        { kind: 'expect', negate: false, match: { kind: 'binary', data: Uint8Array.of(0, 255) } },
      ],
    },
    check,
  ),
}
const judgesOf = (plan: Plan): Judge[] => plan.steps.flatMap((step) => (step.kind === 'expect' ? [step.judge] : []))

/** Bytes that look like something, cut and changed here and there. */
const likely = fc
  .tuple(
    fc.constantFrom(
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n',
      'R\0\0\0\x08',
      'E\0\0\0\x08S',
      '220 a\r\n',
      '0\x84\0\0\0\x10',
      '0\x0c\x02\x01\x01a',
      '+PONG',
      '\x05\0\0\0\xff',
    ),
    fc.nat(80),
    fc.uint8Array({ maxLength: 60 }),
  )
  .map(([words, end, rest]) => Buffer.concat([Buffer.from(words, 'latin1').subarray(0, end), rest]))
const bytes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 200 }).map((some) => Buffer.from(some)),
  likely,
)

describe.each(Object.entries(plans))('%s', (_, plan) => {
  test('judges any bytes, and at the end has always made up its mind', () => {
    const property = fc.property(bytes, (answer) => {
      for (const judge of judgesOf(plan)) {
        judge(answer, false)
        const found = judge(answer, true)
        expect(found?.status).toMatch(/^L7/)
        expect(found?.text.length).toBeLessThanOrEqual(127)
      }
    })
    fc.assert(property, { numRuns: 500 })
  })
})

test('an HTTP answer is the same however it is cut: it is never read before it is there', () => {
  const whole = Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n')
  for (let end = 0; end < whole.indexOf('3\r\n'); end++) expect(readHttp(whole.subarray(0, end))).toBeUndefined()
  for (let end = whole.indexOf('3\r\n'); end < whole.length; end++) {
    const answer = readHttp(whole.subarray(0, end))
    if (answer === undefined || answer === 'bad') throw new Error(`not read at ${end}`)
    expect('abcde'.startsWith(answer.body.toString())).toBe(true)
    expect(answer.isWhole).toBe(end > whole.indexOf('0\r\n\r\n') + 2)
  }
})

test('a text is one line, and not a long one', () => {
  expect(firstLine(Buffer.from('-ERR no\r\nmore'))).toBe('-ERR no')
  expect(firstLine(Buffer.from('FATAL\0V'))).toBe('FATAL')
  expect(firstLine(Buffer.alloc(500, 'x'))).toBe('x'.repeat(127))
})
