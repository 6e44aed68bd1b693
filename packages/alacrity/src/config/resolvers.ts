import { parseHostPort } from './address.ts'
import { type Directives, group, ignored, type Reader, refused } from './directive.ts'
import { refuse } from './errors.ts'
import type { Mutable } from './global-draft.ts'
import type { Place, ResolversConfig } from './model.ts'
import { takeMs, takeNumber, takeOneOf } from './units.ts'

/** A `resolvers` section, while it is read. */
export type ResolversDraft = Mutable<Omit<ResolversConfig, 'nameservers'>> & {
  readonly nameservers: { host: string; port: number }[]
  readonly names: string[]
}

export function newResolvers(name: string, place: Place): ResolversDraft {
  return {
    name,
    place,
    nameservers: [],
    names: [],
    parseResolvConf: false,
    retries: 3,
    timeoutResolveMs: 1000,
    timeoutRetryMs: 1000,
    holdValidMs: 10_000,
    holdObsoleteMs: 0,
  }
}

const readNameserver: Reader<ResolversDraft> = (words, resolvers) => {
  const name = words.take('the name of the nameserver')
  const address = words.take('its address, such as 10.0.0.2:53')
  if (/^(tcp|unix)/.test(address) && address.includes('@')) refuse(`'${address}': expected host:port, asked by UDP`)
  if (resolvers.names.includes(name)) refuse(`there is a nameserver '${name}' already in this section`)
  resolvers.nameservers.push(parseHostPort(address, undefined))
  resolvers.names.push(name)
}

const readHold: Reader<ResolversDraft> = (words, resolvers, reading) => {
  const status = takeOneOf(words, ['valid', 'obsolete', 'nx', 'other', 'refused', 'timeout'])
  const ms = takeMs(words)
  if (status === 'valid') resolvers.holdValidMs = ms
  else if (status === 'obsolete') resolvers.holdObsoleteMs = ms
  else reading.warn(words, `'${status}' is ignored: without an answer the last address stays`)
}

const timeouts: Directives<ResolversDraft> = {
  resolve: (words, resolvers) => {
    resolvers.timeoutResolveMs = takeMs(words)
  },
  retry: (words, resolvers) => {
    resolvers.timeoutRetryMs = takeMs(words)
  },
}

/** The directives of a `resolvers` section. */
export const resolversDirectives: Directives<ResolversDraft> = {
  nameserver: readNameserver,
  'parse-resolv-conf': (_words, resolvers) => {
    resolvers.parseResolvConf = true
  },
  hold: readHold,
  timeout: group(timeouts, "'resolve' or 'retry'"),
  resolve_retries: (words, resolvers) => {
    resolvers.retries = takeNumber(words, 1)
  },
  ...ignored('accepted_payload_size', 'an answer may have any size'),
  ...refused('source', 'it is not known here: take it out'),
}
