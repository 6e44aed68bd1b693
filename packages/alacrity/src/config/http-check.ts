import { takeCheckHost } from './address.ts'
import { ownRules } from './check-draft.ts'
import { type Directives, group, ignored, ignoredWords, type Reader, readWords, refused } from './directive.ts'
import { refuse } from './errors.ts'
import { readHttpExpect } from './http-expect.ts'
import type { ProxyDraft } from './proxy-draft.ts'
import { takePort } from './units.ts'

/** `option httpchk [[method] uri [version]]`. In old files headers and a body follow the version, after `\r\n`. */
export const readHttpchk: Reader<ProxyDraft> = (words, { settings: { check } }, reading) => {
  check.method = { kind: 'http' }
  const [first, uri, ...rest] = words.rest()
  if (first === undefined) return
  check.http.method = uri === undefined ? 'OPTIONS' : first
  check.http.uri = uri ?? first
  if (rest.length === 0) return
  const [head, ...body] = rest.join(' ').split('\r\n\r\n')
  const [version = '', ...headers] = head!.split('\r\n')
  check.http.version = httpVersion(version)
  check.http.headers = headers.filter((header) => header !== '').map(toHeader)
  if (body.length > 0) check.http.body = body.join('\r\n\r\n')
  if (headers.length > 0) reading.warn(words, "headers behind the version are out of date: use 'http-check send hdr'")
}

function httpVersion(text: string): string {
  return /^HTTP\/\d\.\d$/.test(text) ? text : refuse('expected the version HTTP/1.0 or HTTP/1.1')
}

function toHeader(line: string): [string, string] {
  const colon = line.indexOf(':')
  if (colon < 1) return refuse("behind the version: expected headers, each 'Name: value'")
  return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()]
}

/** A value is text: HAProxy would work `%[…]` out for every check. */
function plain(text: string): string {
  return text.includes('%[') ? refuse('expected plain text as its value, without %[…]') : text
}

const readSend: Reader<ProxyDraft> = (words, proxy, reading) => {
  ownRules(proxy.settings.check)
  readWords(sendWords, words, proxy, reading, "'meth', 'uri', 'ver', 'hdr' or 'body'")
}

const sendWords: Directives<ProxyDraft> = {
  meth: (words, { settings: { check } }) => {
    check.send.method = words.take('a method such as GET')
  },
  uri: (words, { settings: { check } }) => {
    check.send.uri = words.take('a path such as /health')
  },
  ver: (words, { settings: { check } }) => {
    check.send.version = httpVersion(words.take('HTTP/1.0 or HTTP/1.1'))
  },
  hdr: (words, { settings: { check } }) => {
    const header = [words.take('the name of a header'), plain(words.next() ?? refuse('expected its value'))] as const
    if (!words.isAtEnd && !Object.hasOwn(sendWords, words.peek()!)) words.endOfOneWord()
    check.send.headers = [...(check.send.headers ?? []), header]
  },
  body: (words, { settings: { check } }) => {
    check.send.body = words.take('a body')
  },
  ...ignoredWords('comment', 1, 'a check has one request'),
  ...refused('uri-lf body-lf', "expressions are not worked out: expected 'uri' or 'body'"),
}

const readConnect: Reader<ProxyDraft> = (words, proxy, reading) => {
  ownRules(proxy.settings.check)
  readWords(connectWords, words, proxy, reading, "'port', 'addr', 'ssl', 'sni' or 'send-proxy'")
}

const connectWords: Directives<ProxyDraft> = {
  default: () => {},
  port: (words, { settings: { check } }) => {
    check.httpConnect.port = takePort(words)
  },
  addr: (words, { settings: { check } }) => {
    check.httpConnect.host = takeCheckHost(words)
  },
  ssl: (_words, { settings: { check } }) => {
    check.httpConnect.tls = true
  },
  sni: (words, { settings: { check } }) => {
    check.httpConnect.sni = words.take('a host name')
  },
  'send-proxy': (_words, { settings: { check } }) => {
    check.httpConnect.sendProxy = 1
  },
  ...ignoredWords('linger via-socks4', 0, 'it means nothing here'),
  ...ignoredWords('alpn proto comment', 1, 'a check speaks HTTP/1'),
}

const httpCheck: Directives<ProxyDraft> = {
  send: readSend,
  connect: readConnect,
  expect: (words, proxy, reading) => {
    const { check } = proxy.settings
    ownRules(check)
    if (check.http.expect !== undefined) refuse('there is one already: a check has one request and one answer')
    check.http.expect = readHttpExpect(words, reading)
  },
  'disable-on-404': (_words, { settings: { check } }) => {
    check.http.disableOn404 = true
  },
  ...ignored('send-state comment', 'it changes nothing of the outcome'),
  ...refused('set-var set-var-fmt unset-var', 'variables are not known here: take it out'),
}

export const readHttpCheck: Reader<ProxyDraft> = group(httpCheck, "'send', 'expect', 'connect' or 'disable-on-404'")
