import { isHost } from './address.ts'
import { type Directives, ignoredWords, type Reader, refused } from './directive.ts'
import { refuse } from './errors.ts'
import { checkWords } from './server-check-words.ts'
import type { ServerSettings } from './server-draft.ts'
import { takeMs, takeNumber, takeOneOf } from './units.ts'

type Config = ServerSettings['config']

/** A word that sets one thing of the server. */
function set(change: (config: Config) => void): Reader<ServerSettings> {
  return (_words, { config }) => change(config)
}

/** A word with a number, which is its name in the model too. */
function number(key: 'weight' | 'maxconn' | 'minconn' | 'maxqueue', max?: number): Reader<ServerSettings> {
  return (words, { config }) => {
    config[key] = takeNumber(words, 0, max)
  }
}

const readInitAddr: Reader<ServerSettings> = (words, { config }) => {
  const methods = words.take("addresses, 'last', 'libc' or 'none', with commas between").split(',')
  for (const method of methods) {
    const isKnown = ['last', 'libc', 'none'].includes(method) || isAddress(method)
    if (!isKnown) refuse(`'${method}': expected 'last', 'libc', 'none' or an IP address`)
  }
  config.initAddr = methods
}

function isAddress(text: string): boolean {
  return /^[\d.]+$|:/.test(text) && isHost(text)
}

const readTrack: Reader<ServerSettings> = (words, { config }) => {
  const text = words.take('backend/server')
  const slash = text.indexOf('/')
  const server = text.slice(slash + 1)
  if (server === '') refuse("expected 'backend/server', or the name of a server of this backend")
  config.track = { backend: text.slice(0, Math.max(slash, 0)), server }
}

/** All words of `server` and `default-server` lines. */
export const serverWords: Directives<ServerSettings> = {
  ...checkWords,
  weight: number('weight', 256),
  maxconn: number('maxconn'),
  minconn: number('minconn'),
  maxqueue: number('maxqueue'),
  slowstart: (words, { config }) => {
    config.slowstartMs = takeMs(words)
  },
  backup: set((config) => (config.backup = true)),
  'no-backup': set((config) => (config.backup = false)),
  disabled: set((config) => (config.disabled = true)),
  enabled: set((config) => (config.disabled = false)),
  'send-proxy': set((config) => (config.sendProxy = 1)),
  'send-proxy-v2': set((config) => (config.sendProxy = 2)),
  'no-send-proxy': set((config) => delete config.sendProxy),
  'no-send-proxy-v2': set((config) => delete config.sendProxy),
  'on-marked-down': (words, { config }) => {
    config.onMarkedDown = takeOneOf(words, ['shutdown-sessions'])
  },
  'on-marked-up': (words, { config }) => {
    config.onMarkedUp = takeOneOf(words, ['shutdown-backup-sessions'])
  },
  'init-addr': readInitAddr,
  resolvers: (words, { config }) => {
    config.resolvers = words.take('the name of a resolvers section')
  },
  'resolve-prefer': (words, { config }) => {
    config.resolvePrefer = takeOneOf(words, ['ipv4', 'ipv6'])
  },
  track: readTrack,
  id: (words, settings) => {
    settings.id = takeNumber(words, 1)
  },
  ...ignoredWords('stick non-stick no-tfo tfo no-agent-check', 0, 'it means nothing here'),
  ...ignoredWords('cookie redir', 1, 'it is a word of HTTP'),
  ...ignoredWords(
    'tcp-ut pool-low-conn pool-max-conn pool-purge-delay max-reuse proto log-proto',
    1,
    'it has no use here',
  ),
  ...ignoredWords('ca-file crt ciphers alpn', 1, 'checks with TLS verify nothing, and nothing else has TLS'),
  ...ignoredWords('resolve-net resolve-opts', 1, 'any address that the name has is taken'),
  ...ignoredWords('no-ssl no-verifyhost force-tlsv12 force-tlsv13', 0, 'nothing has TLS but the checks'),
  ...ignoredWords('ssl-min-ver ssl-max-ver', 1, 'nothing has TLS but the checks'),
  ...refused(
    'ssl sni verifyhost crl-file no-ssl-reuse no-tls-tickets npn ssl-reuse ciphersuites',
    'TLS to servers is not done here: expected a plain TCP server, to which the TLS of the client is passed on',
  ),
  ...refused(
    'send-proxy-v2-ssl send-proxy-v2-ssl-cn proxy-v2-options',
    "TLS is not known here: expected 'send-proxy-v2'",
  ),
  ...refused(
    'agent-check agent-port agent-inter agent-send agent-addr',
    "agent checks are not known: expected 'check'",
  ),
  ...refused('source interface usesrc namespace socks4 ws shard', 'it is not known here: take it out'),
}
