import { type Directives, group, ignored, type Reader } from './directive.ts'
import type { Timeouts } from './model.ts'
import type { ProxyDraft } from './proxy-draft.ts'
import { takeMs } from './units.ts'

/** 0 switches it off, as in HAProxy. */
function time(key: keyof Timeouts): Reader<ProxyDraft> {
  return (words, { settings: { timeouts } }) => {
    const ms = takeMs(words)
    if (ms === 0) delete timeouts[key]
    else timeouts[key] = ms
  }
}

const timeouts: Directives<ProxyDraft> = {
  connect: time('connect'),
  client: time('client'),
  server: time('server'),
  tunnel: time('tunnel'),
  'client-fin': time('clientFin'),
  'server-fin': time('serverFin'),
  queue: time('queue'),
  check: time('check'),
  ...ignored('http-request http-keep-alive tarpit', 'it is a time of HTTP, and this balances TCP'),
}

/** `timeout <which> <time>`. */
export const readTimeout: Reader<ProxyDraft> = group(timeouts, "a time-out such as 'connect', 'client' or 'server'")
