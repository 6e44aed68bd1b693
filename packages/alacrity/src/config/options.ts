import { checkOptions } from './check-options.ts'
import { type Directives, ignored, type Reader, readDirective, refused } from './directive.ts'
import { refuse } from './errors.ts'
import type { ProxyDraft, Settings } from './proxy-draft.ts'
import { toNumber } from './units.ts'

type Flag = (settings: Settings, on: boolean) => void

/** Options that `no` switches off (`default` too: all of them are off where nothing is said). */
const flags: Readonly<Record<string, Flag>> = {
  tcpka: (settings, on) => {
    settings.clitcpka = on
    settings.srvtcpka = on
  },
  clitcpka: (settings, on) => (settings.clitcpka = on),
  srvtcpka: (settings, on) => (settings.srvtcpka = on),
  allbackups: (settings, on) => (settings.allbackups = on),
  dontlognull: (settings, on) => (settings.log.dontlognull = on),
  'dontlog-normal': (settings, on) => (settings.log.dontlogNormal = on),
  'log-health-checks': (settings, on) => (settings.logHealthChecks = on),
}

const readRedispatch: Reader<ProxyDraft> = (words, { settings }) => {
  const interval = words.isAtEnd ? -1 : toNumber(words.take(''), -1000, 1000)
  if (interval === 0) delete settings.redispatch
  else settings.redispatch = interval
}

const options: Directives<ProxyDraft> = {
  ...Object.fromEntries(
    Object.entries(flags).map(([name, set]): [string, Reader<ProxyDraft>] => [
      name,
      (_words, proxy) => set(proxy.settings, true),
    ]),
  ),
  redispatch: readRedispatch,
  ...checkOptions,
  tcplog: (_words, { settings: { log } }) => {
    log.format = 'tcplog'
  },
  httplog: (words, { settings: { log } }, reading) => {
    words.takeIf('clf')
    log.format = 'httplog'
    reading.warn(words, "ignored: there is no HTTP to log, 'option tcplog' is used instead")
  },
  ...ignored('httpslog', 'there is no HTTP to log'),
  ...ignored(
    `forwardfor originalto http-server-close httpclose forceclose http-keep-alive http-pretend-keepalive http-tunnel
    http-use-htx http-use-proxy-header http-no-delay http-buffer-request http-ignore-probes
    http-restrict-req-hdr-names accept-invalid-http-request accept-invalid-http-response checkcache
    h1-case-adjust-bogus-client h1-case-adjust-bogus-server disable-h2-upgrade idle-close-on-response
    prefer-last-server persist`,
    'it is an option of HTTP, and this balances TCP',
  ),
  ...ignored('splice-auto splice-request splice-response', 'there is no splicing here'),
  ...ignored('tcp-smart-accept tcp-smart-connect nolinger independent-streams', 'the system decides this'),
  ...ignored('contstats socket-stats', 'numbers are always kept up to date'),
  ...ignored('logasap log-separate-errors', 'one line is written at the end of each session'),
  ...ignored('abortonclose', 'a client that left is always taken out of the queue'),
  ...refused('transparent http_proxy', 'it is not known here: expected a backend with servers'),
  ...refused('ssl-hello-chk', "it is not known here: expected 'option tcp-check', or 'check-ssl' on the servers"),
  ...refused('external-check', 'programs are not run: expected another check, such as option httpchk or tcp-check'),
  ...refused('spop-check', 'SPOE is not known here: expected another check'),
}

const EXPECTED = "an option such as 'redispatch', 'tcplog' or 'httpchk'"

export const readOption: Reader<ProxyDraft> = (words, proxy, reading) =>
  readDirective(options, words, proxy, reading, EXPECTED)

/** `no option …`, and `default option …`, which is the same for all options there are here. */
export const readNoOption: Reader<ProxyDraft> = (words, proxy, reading) => {
  const name = words.peek() ?? ''
  if (Object.hasOwn(flags, name)) flags[words.takeName(EXPECTED)]!(proxy.settings, false)
  else if (name === 'redispatch') delete proxy.settings[words.takeName(EXPECTED) as 'redispatch']
  else if (isOneOf(name)) refuse(`'no' and 'default' cannot be said of '${name}': take the line out`)
  else readOption(words, proxy, reading)
}

function isOneOf(name: string): boolean {
  return Object.hasOwn(checkOptions, name) || name === 'tcplog' || name === 'httplog'
}
