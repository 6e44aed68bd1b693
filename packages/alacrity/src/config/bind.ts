import { parseAddress, toPort, type WrittenAddress } from './address.ts'
import { type Directives, ignoredWords, type Reader, readWords, refused } from './directive.ts'
import { refuse } from './errors.ts'
import type { Mutable } from './global-draft.ts'
import type { BindConfig } from './model.ts'
import type { ProxyDraft } from './proxy-draft.ts'
import { takeNumber } from './units.ts'

type Settings = Mutable<Omit<BindConfig, 'at' | 'place'>> & { v6only: boolean }

/** `bind <address>[,…] [words]`. One line may bring several listeners. */
export const readBind: Reader<ProxyDraft> = (words, proxy, reading) => {
  const places = words.take('an address and port, such as *:5432').split(',').flatMap(placesOf)
  const settings: Settings = { acceptProxy: false, v4v6: false, v6only: false }
  readWords(bindWords, words, settings, reading, 'a word of bind, such as accept-proxy, name, backlog or maxconn')
  const { v6only, ...rest } = settings
  for (const at of places) {
    const v4v6 = settings.v4v6 && !v6only && 'host' in at && at.host === '::'
    proxy.binds.push({ ...rest, v4v6, at, place: words.place })
  }
}

const bindWords: Directives<Settings> = {
  'accept-proxy': (_words, settings) => {
    settings.acceptProxy = true
  },
  name: (words, settings) => {
    settings.name = words.take('the name of the listener')
  },
  v4v6: (_words, settings) => {
    settings.v4v6 = true
  },
  v6only: (_words, settings) => {
    settings.v6only = true
  },
  backlog: (words, settings) => {
    settings.backlog = takeNumber(words, 1)
  },
  maxconn: (words, settings) => {
    settings.maxconn = takeNumber(words)
  },
  ...ignoredWords('tfo defer-accept', 0, 'the system decides this'),
  ...ignoredWords('transparent', 0, 'a listener takes what is sent to its own address'),
  ...ignoredWords('mss tcp-ut nice', 1, 'it cannot be set from here'),
  ...ignoredWords('process thread shards', 1, 'every data thread listens'),
  ...ignoredWords('mode user uid group gid', 1, "the socket file gets this process's own user and umask"),
  ...ignoredWords('id', 1, 'listeners are numbered in their order'),
  ...ignoredWords('proto level severity-output', 1, 'there is only TCP here'),
  ...refused('interface namespace', 'a listener cannot be bound to a network device: give the address of it'),
  ...refused('accept-netscaler-cip expose-fd', "it is not known here: expected 'accept-proxy' or nothing"),
  ...refused(
    `ssl crt crt-list ca-file ca-ignore-err ca-sign-file ca-sign-pass ca-verify-file alpn npn ciphers ciphersuites
    curves ecdhe crl-file crt-ignore-err force-sslv3 force-tlsv10 force-tlsv11 force-tlsv12 force-tlsv13 no-sslv3
    no-tlsv10 no-tlsv11 no-tlsv12 no-tlsv13 no-ca-names no-tls-tickets ssl-min-ver ssl-max-ver strict-sni
    tls-ticket-keys verify generate-certificates prefer-client-ciphers allow-0rtt`,
    'TLS is not terminated here: expected a plain TCP listener, which passes TLS on to the servers as it is',
  ),
}

function placesOf(text: string): BindConfig['at'][] {
  const address = parseAddress(text)
  if (address.kind === 'path') return [{ path: address.path }]
  if (address.port === undefined) return refuse(`'${text}' has no port: expected host:port, such as *:5432`)
  const host = hostOf(address)
  return portsOf(address.port).map((port) => ({ host, port }))
}

function hostOf({ host, family }: WrittenAddress & { kind: 'inet' }): string {
  if (host !== '' && host !== '*') return host
  return family === 6 ? '::' : '0.0.0.0'
}

/** `80`, or `8000-8010`. */
function portsOf(text: string): number[] {
  const [, from = text, to = from] = /^(\d+)-(\d+)$/.exec(text) ?? []
  const [first, last] = [toPort(from), toPort(to)]
  if (first > last) refuse(`the range of ports '${text}' ends before it begins`)
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
