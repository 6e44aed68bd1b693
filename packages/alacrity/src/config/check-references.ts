import { didYouMean } from './nearest.ts'
import { isBackend, type ProxyDraft } from './proxy-draft.ts'
import type { Reading, Reference } from './reading.ts'
import type { ServerDraft } from './server-draft.ts'

/** Every name that stands for a backend, server or resolvers section must be there. */
export function checkReferences(reading: Reading): void {
  const backends = new Map(reading.proxies.filter(isBackend).map((proxy) => [proxy.name, proxy]))
  for (const reference of reading.references) checkReference(reference, backends, reading)
  for (const proxy of backends.values()) {
    for (const server of proxy.servers) {
      checkTrack(server, proxy, backends, reading)
      checkResolvers(server, reading)
    }
  }
}

type Backends = ReadonlyMap<string, ProxyDraft>

/** Is it there? If not, that is an error. */
function checkReference(reference: Reference, backends: Backends, { problems }: Reading): ServerDraft | undefined {
  const { place, directive, backend, server } = reference
  const proxy = backends.get(backend)
  if (proxy === undefined) {
    problems.error(place, directive, `there is no backend '${backend}'${didYouMean(backend, backends.keys())}`)
    return undefined
  }
  const found = proxy.servers.find(({ name }) => name === server)
  if (server === undefined || found !== undefined) return found
  const names = proxy.servers.map(({ name }) => name)
  problems.error(place, directive, `backend '${backend}' has no server '${server}'${didYouMean(server, names)}`)
  return undefined
}

/** Whoever is tracked must be checked itself, or track one that is. */
function checkTrack(server: ServerDraft, proxy: ProxyDraft, backends: Backends, reading: Reading): void {
  const { place, settings } = server
  if (settings.config.track === undefined) return
  const error = (message: string): void => reading.problems.error(place, 'server', message)
  if (settings.checked) error("'track' and 'check' exclude each other: take one of them out")
  const seen = new Set<ServerDraft>()
  let next: Tracked | undefined = { server, proxy }
  while (next?.server.settings.config.track !== undefined && !seen.has(next.server)) {
    seen.add(next.server)
    next = tracked(next, server, backends, reading)
  }
  if (next === undefined) return // which was told
  const { name, settings: last } = next.server
  if (seen.has(next.server)) error(`'track' leads back to '${name}': expected a server with 'check'`)
  else if (!last.checked) error(`'track': server '${name}' is not checked: expected one with 'check'`)
}

interface Tracked {
  readonly server: ServerDraft
  readonly proxy: ProxyDraft
}

/** Whom a server tracks; an error of `asking` if there is no such server. */
function tracked(
  { server, proxy }: Tracked,
  asking: ServerDraft,
  backends: Backends,
  reading: Reading,
): Tracked | undefined {
  const { backend, server: name } = server.settings.config.track!
  const home = backend || proxy.name
  const reference = { place: asking.place, directive: 'server', backend: home, server: name }
  const found = checkReference(reference, backends, reading)
  return found && { server: found, proxy: backends.get(home)! }
}

function checkResolvers({ place, settings }: ServerDraft, { resolvers, problems }: Reading): void {
  const wanted = settings.config.resolvers
  const names = resolvers.map(({ name }) => name)
  if (wanted === undefined || names.includes(wanted)) return
  problems.error(place, 'server', `there is no resolvers section '${wanted}'${didYouMean(wanted, names)}`)
}
