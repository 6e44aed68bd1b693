import type { Acl } from './acl.ts'
import { readComparisons } from './comparison.ts'
import { refuse } from './errors.ts'
import type { Patterns } from './expression.ts'
import type { Test } from './model.ts'
import { parseNetwork } from './network.ts'
import type { ProxyDraft } from './proxy-draft.ts'
import type { Reading } from './reading.ts'
import type { Words } from './words.ts'

/** One expression of an acl. */
export interface Fetch {
  readonly name: string
  readonly argument: string | undefined
  readonly patterns: Patterns
  readonly words: Words
  readonly proxy: ProxyDraft
  readonly reading: Reading
}

const never: Test = { kind: 'always', value: false }

/** Of each kind of value: how it matches by itself, and what else `-m` may say. */
function withPatterns(fetch: Fetch, own: string, read: (values: readonly string[]) => Test[]): Acl {
  const { name, patterns, words, reading } = fetch
  const { values, method = own } = patterns
  if (method === 'found') return { tests: [{ kind: 'always', value: true }], paths: [] }
  if (method !== own) refuse(`'${name}' cannot be matched with '-m ${method}': expected '-m ${own}' or none`)
  if (values.length === 0) reading.warn(words, `'${name}' has no value to match: this never holds`)
  return { tests: values.length === 0 ? [never] : read(values), paths: [] }
}

function src(fetch: Fetch): Acl {
  return withPatterns(fetch, 'ip', (values) => [{ kind: 'src', networks: values.map(parseNetwork) }])
}

function dstPort(fetch: Fetch): Acl {
  return withPatterns(fetch, 'int', (values) => {
    const ranges = readComparisons(values).map(({ from, to }) => [Math.max(from, 0), Math.min(to, 65_535)] as const)
    return [{ kind: 'dst_port', ranges }]
  })
}

function nbsrv(fetch: Fetch): Acl {
  const backend = fetch.argument ?? ownName(fetch)
  fetch.reading.refer(fetch.words, backend)
  const { method, values } = fetch.patterns
  if (method === 'bool' && values.length === 0) {
    return { tests: [{ kind: 'nbsrv', backend, compare: 'gt', value: 0 }], paths: [] }
  }
  return withPatterns(fetch, 'int', (given) => readComparisons(given).flatMap((range) => serverCounts(backend, range)))
}

/** One of several tests is enough, so a range with two ends is its numbers. */
function serverCounts(backend: string, { from, to }: { from: number; to: number }): Test[] {
  if (from <= 0 && to === Number.POSITIVE_INFINITY) return [{ kind: 'always', value: true }]
  if (to === Number.POSITIVE_INFINITY) return [{ kind: 'nbsrv', backend, compare: 'ge', value: from }]
  if (from <= 0) return [{ kind: 'nbsrv', backend, compare: 'le', value: to }]
  if (to - from > 1000) refuse(`the range ${from}:${to} is too wide for a number of servers`)
  return Array.from({ length: to - from + 1 }, (_, n) => ({ kind: 'nbsrv', backend, compare: 'eq', value: from + n }))
}

function srvIsUp(fetch: Fetch): Acl {
  const { argument = '', patterns, words, reading } = fetch
  const [first = '', ...more] = argument.split('/')
  const backend = more.length === 0 ? ownName(fetch) : first
  const server = more.length === 0 ? first : more.join('/')
  if (server === '') refuse("'srv_is_up' needs a server: expected srv_is_up(backend/server)")
  noValues(fetch)
  reading.refer(words, backend, server)
  return patterns.method === 'found'
    ? { tests: [{ kind: 'always', value: true }], paths: [] }
    : { tests: [{ kind: 'srv_is_up', backend, server }], paths: [] }
}

function ownName({ name, proxy }: Fetch): string {
  if (proxy.kind === 'backend' || proxy.kind === 'listen') return proxy.name
  return refuse(`'${name}' needs a backend here: expected ${name}(backend${name === 'nbsrv' ? '' : '/server'})`)
}

function always(value: boolean): (fetch: Fetch) => Acl {
  return (fetch) => {
    noValues(fetch)
    return { tests: [{ kind: 'always', value }], paths: [] }
  }
}

function noValues({ name, patterns: { values } }: Fetch): void {
  if (values.length > 0) refuse(`'${name}' is true or false: unexpected '${values[0]}'`)
}

/** Known for the Prometheus service alone; `findTests` refuses it anywhere else. */
function path({ name, patterns: { values, method = 'str' }, words, reading }: Fetch): Acl {
  if (method !== 'str' && method !== 'beg') refuse(`'path' cannot be matched with '-m ${method}': expected '-m str'`)
  if (values.length === 0) refuse(`'${name}' needs a path, such as /metrics`)
  if (name === 'path_beg' || method === 'beg') reading.warn(words, 'only the path itself is served, not those below it')
  return { tests: [], paths: values }
}

/** What a condition may look at. */
export const fetches: Readonly<Record<string, (fetch: Fetch) => Acl>> = {
  src,
  dst_port: dstPort,
  nbsrv,
  srv_is_up: srvIsUp,
  always_true: always(true),
  always_false: always(false),
  path,
  path_beg: path,
}
