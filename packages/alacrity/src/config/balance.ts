import type { Reader } from './directive.ts'
import { refuse } from './errors.ts'
import type { Balance } from './model.ts'
import { didYouMean } from './nearest.ts'
import type { ProxyDraft } from './proxy-draft.ts'
import { takeOneOf, toNumber } from './units.ts'

const PLAIN = ['roundrobin', 'static-rr', 'leastconn', 'source', 'first', 'failover'] as const
const OF_HTTP = ['uri', 'url_param', 'hdr', 'rdp-cookie', 'hash']
const DEFAULT_DRAWS = 2

/** `balance <algorithm>`. `failover` is ours: all stay with one server, until it fails. */
export const readBalance: Reader<ProxyDraft> = (words, { settings }) => {
  settings.balance = toBalance(words.take('an algorithm such as roundrobin, leastconn or failover'))
}

function toBalance(text: string): Balance {
  const algorithm = PLAIN.find((name) => name === text)
  if (algorithm !== undefined) return { algorithm }
  if (text === 'random') return { algorithm: 'random', draws: DEFAULT_DRAWS }
  const [, name = text, argument] = /^([^(]+)\((.*)$/.exec(text) ?? []
  if (name === 'random') return { algorithm: 'random', draws: toDraws(argument ?? '') }
  return refuseAlgorithm(name)
}

function toDraws(text: string): number {
  if (!text.endsWith(')')) refuse("'random(' has no closing ')'")
  return toNumber(text.slice(0, -1), 1, 1000)
}

function refuseAlgorithm(name: string): never {
  const expected = `expected ${PLAIN.join(', ')} or random(n)`
  if (OF_HTTP.includes(name)) return refuse(`'${name}' looks into the request, and this balances TCP: ${expected}`)

  return refuse(`unknown algorithm '${name}': ${expected}${didYouMean(name, [...PLAIN, 'random'])}`)
}

/** `hash-type <method> [function [modifier]]`: the function is our own. */
export const readHashType: Reader<ProxyDraft> = (words, { settings }, reading) => {
  settings.hashType = takeOneOf(words, ['map-based', 'consistent'])
  if (words.rest().length > 0) reading.warn(words, 'the hash function is ignored: there is one')
}
