import { takeCheckHost } from './address.ts'
import { type Directives, ignoredWords } from './directive.ts'
import type { ServerSettings } from './server-draft.ts'
import { takeNumber, takeOneOf, takePort, takePositiveMs } from './units.ts'

/** What a `server` line says of its check, and of being observed. */
export const checkWords: Directives<ServerSettings> = {
  check: (_words, settings) => {
    settings.checked = true
  },
  'no-check': (_words, settings) => {
    settings.checked = false
  },
  inter: (words, { check }) => {
    check.interMs = takePositiveMs(words)
  },
  fastinter: (words, { check }) => {
    check.fastinterMs = takePositiveMs(words)
  },
  downinter: (words, { check }) => {
    check.downinterMs = takePositiveMs(words)
  },
  fall: (words, { check }) => {
    check.fall = takeNumber(words, 1)
  },
  rise: (words, { check }) => {
    check.rise = takeNumber(words, 1)
  },
  addr: (words, { check }) => {
    check.host = takeCheckHost(words)
  },
  port: (words, { check }) => {
    check.port = takePort(words)
  },
  'check-send-proxy': (_words, settings) => {
    settings.checkSendProxy = true
  },
  'no-check-send-proxy': (_words, settings) => {
    settings.checkSendProxy = false
  },
  'check-ssl': (_words, { check }) => {
    check.tls = true
  },
  'no-check-ssl': (_words, { check }) => {
    check.tls = false
  },
  'check-sni': (words, { check }) => {
    check.sni = words.take('a host name')
  },
  verify: (words) => {
    takeOneOf(words, ['none'])
  },
  observe: (words, settings) => {
    takeOneOf(words, ['layer4'])
    settings.observed = true
  },
  'error-limit': (words, { observe }) => {
    observe.errorLimit = takeNumber(words, 1)
  },
  'on-error': (words, { observe }) => {
    observe.onError = takeOneOf(words, ['fastinter', 'fail-check', 'sudden-death', 'mark-down'])
  },
  ...ignoredWords('check-alpn check-proto', 1, 'a check speaks HTTP/1 or plain TCP'),
  ...ignoredWords('check-via-socks4', 0, 'there is no SOCKS here'),
}
