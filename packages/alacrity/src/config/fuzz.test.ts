// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are HAProxy's variables
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { read } from '../../test/config/reading.ts'
import { ConfigurationError } from './errors.ts'
import { globalDirectives } from './global.ts'
import { proxyDirectives } from './proxy.ts'
import { sections } from './sections.ts'
import { serverWords } from './server-words.ts'

/** Anything but a ConfigurationError is a crash. */
function isTaken(text: string): boolean {
  try {
    read(text)
    return true
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    expect(error.problems.some(({ severity }) => severity === 'error')).toBe(true)
    expect(error.problems.every(({ line }) => line >= 0 && line <= text.split('\n').length)).toBe(true)
    return false
  }
}

const options =
  'tcp-check|httpchk|redispatch|tcplog|mysql-check|client|server|connect|enable|uri|auth|admin|expect|send'
const values =
  'if|unless|or|||!|{|}|src|nbsrv(l)|nbsrv|srv_is_up(l/s)|path|TRUE|10.0.0.1:80|[::1]:80|*:80|:|/x|' +
  'unix@|a@b:1|5s|0|-1|1:3|string|rstring|(|status|from|no|default|-f|-m|--|constructor|__proto__|' +
  '"$A"|"${A-b}"|\\x0a|""'
const words = [
  ...[
    ...sections.keys(),
    ...Object.keys(globalDirectives),
    ...Object.keys(proxyDirectives),
    ...Object.keys(serverWords),
  ],
  ...[...options.split('|'), ...values.split('|')],
]
const word = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...words) }, { weight: 1, arbitrary: fc.string() })
const line = fc.array(word, { maxLength: 8 }).map((all) => all.join(' '))
const inSection = fc.tuple(
  fc.constantFrom('', 'global', 'defaults', 'listen l', 'frontend f', 'backend b'),
  fc.array(line),
)

test('lines of known words in any order never crash it', () => {
  const text = fc.array(inSection, { maxLength: 4 }).map((all) => all.flat(2).join('\n'))
  fc.assert(
    fc.property(text, (lines) => void isTaken(lines)),
    { numRuns: 500 },
  )
})

test('nor do any bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void isTaken(text)),
    { numRuns: 500 },
  )
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => void isTaken(`listen l\n ${text}\n`)))
})

test('nor does a good configuration that was damaged anywhere', () => {
  const good = `global\n stats socket /run/x mode 600\ndefaults\n timeout client 5s\nlisten l\n bind *:1,[::1]:2 accept-proxy
  acl a src 10.0.0.0/8 ::1\n use_backend other if a !{ nbsrv(l) lt 1 } or TRUE\n option httpchk GET "/x y"
  http-check expect ! status 200-299,404\n server s 10.0.0.1:+80 check port 5 inter 5s track l/s\nbackend other\n`
  expect(isTaken(good.replace(' track l/s', ''))).toBe(true)
  const cut = fc.tuple(fc.nat(good.length), fc.nat(6), fc.string({ unit: 'binary', maxLength: 3 }))
  fc.assert(fc.property(cut, ([at, length, text]) => void isTaken(good.slice(0, at) + text + good.slice(at + length))))
})
