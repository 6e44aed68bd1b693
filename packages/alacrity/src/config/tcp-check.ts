import { ownRules } from './check-draft.ts'
import { type Directives, group, ignoredWords, type Reader, readWords, refused } from './directive.ts'
import { refuse } from './errors.ts'
import { ignoredExpectWords, readNegation } from './expect-words.ts'
import type { Mutable } from './global-draft.ts'
import type { TcpCheckStep } from './model.ts'
import { toPattern } from './pattern.ts'
import type { ProxyDraft } from './proxy-draft.ts'
import type { Reading } from './reading.ts'
import { takePort } from './units.ts'
import type { Words } from './words.ts'

type Connect = Mutable<Extract<TcpCheckStep, { kind: 'connect' }>>
type Expect = Extract<TcpCheckStep, { kind: 'expect' }>

/** Adds a step, with its own comment or the last `tcp-check comment` before it. */
function addStep({ settings: { check } }: ProxyDraft, step: TcpCheckStep): void {
  ownRules(check)
  check.steps.push({ ...(check.comment !== undefined && { comment: check.comment }), ...step })
}

const readConnect: Reader<ProxyDraft> = (words, proxy, reading) => {
  const step: Connect = { kind: 'connect', sendProxy: false, tls: false }
  readWords(connectWords, words, step, reading, "'port', 'send-proxy', 'ssl' or 'comment'")
  addStep(proxy, step)
}

const connectWords: Directives<Connect> = {
  default: () => {},
  port: (words, step) => {
    step.port = takePort(words)
  },
  'send-proxy': (_words, step) => {
    step.sendProxy = true
  },
  ssl: (_words, step) => {
    step.tls = true
  },
  comment: (words, step) => {
    step.comment = words.take('a comment')
  },
  ...ignoredWords('linger', 0, 'a check ends its connections'),
  ...ignoredWords('sni alpn proto', 1, 'a check with TLS verifies nothing'),
  ...refused('addr via-socks4', "it is not known here: expected 'addr' on the server line"),
}

/** A line of `send` or `send-binary`: what is sent, and a comment. */
function send(toData: (text: string) => Uint8Array): Reader<ProxyDraft> {
  return (words, proxy) => {
    const data = toData(words.take('what to send'))
    const comment = readComment(words)
    words.endOfOneWord()
    addStep(proxy, { kind: 'send', data, ...comment })
  }
}

function readComment(words: Words): { comment?: string } {
  return words.takeIf('comment') ? { comment: words.take('a comment') } : {}
}

/** `\xNN` of the file are bytes; what is beyond them is text in UTF-8. */
function textBytes(text: string): Uint8Array {
  const isBytes = !/[^\0-\xff]/.test(text)
  return new Uint8Array(Buffer.from(text, isBytes ? 'latin1' : 'utf8'))
}

function hexBytes(text: string): Uint8Array {
  const isHex = /^([\da-f]{2})+$/i.test(text)
  return isHex ? new Uint8Array(Buffer.from(text, 'hex')) : refuse('expected pairs of hexadecimal digits')
}

const readExpect: Reader<ProxyDraft> = (words, proxy, reading) => {
  const comment = readExpectComment(words, reading)
  const { negate, kind } = readNegation(words, "'string', 'binary' or 'rstring'")
  const match = toMatch(kind, words)
  addStep(proxy, { kind: 'expect', negate, match, ...comment, ...readComment(words) })
}

function readExpectComment(words: Words, reading: Reading): { comment?: string } {
  const comment = readComment(words)
  ignoredExpectWords(words, reading)
  return { ...comment, ...readComment(words) }
}

function toMatch(kind: string, words: Words): Expect['match'] {
  const known = ['string', 'binary', 'rstring']
  if (!known.includes(kind)) return refuse(`'${kind}' is not known here: expected 'string', 'binary' or 'rstring'`)
  const pattern = words.take(`what '${kind}' looks for`)
  if (kind === 'string') return { kind, text: pattern }
  if (kind === 'binary') return { kind, data: hexBytes(pattern) }
  return { kind: 'rstring', pattern: toPattern(pattern) }
}

const tcpCheck: Directives<ProxyDraft> = {
  connect: readConnect,
  send: send(textBytes),
  'send-binary': send(hexBytes),
  expect: readExpect,
  comment: (words, { settings: { check } }) => {
    ownRules(check)
    check.comment = words.take('a comment')
  },
  ...refused('send-lf send-binary-lf', "expressions are not worked out: expected 'send' or 'send-binary'"),
  ...refused('set-var set-var-fmt unset-var', 'variables are not known here: take it out'),
}

export const readTcpCheck: Reader<ProxyDraft> = group(tcpCheck, "'connect', 'send', 'expect' or 'comment'")
