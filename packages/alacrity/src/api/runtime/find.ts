import type { ProxyConfig } from '../../config/model.ts'
import type { Watched, WatchedServer } from '../watched.ts'
import { Refused } from './command.ts'
import { texts } from './texts.ts'

/** The server that `backend/server` names. Either may be a `#` and its id. @throws Refused */
export function serverOf(watched: Watched, name: string | undefined): WatchedServer {
  const [, backend, server] = /^([^/]+)\/(.+)$/.exec(name ?? '') ?? []
  if (backend === undefined || server === undefined) throw new Refused(texts.serverExpected)
  const proxy = backendOf(watched, backend)
  if (!proxy) throw new Refused(texts.noBackend)
  const found = watched.servers().find((each) => each.backend === proxy.name && isNamed(each, server))
  if (!found) throw new Refused(texts.noServer)
  return found
}

/** A `backend` or a `listen`, by its name or `#` and its id. */
export function backendOf({ proxies }: Watched, name: string): ProxyConfig | undefined {
  return proxies.find((proxy) => proxy.kind !== 'frontend' && isNamed(proxy, name))
}

/** A `frontend` or a `listen`. @throws Refused */
export function frontendOf({ proxies }: Watched, name: string | undefined): ProxyConfig {
  if (!name) throw new Refused(texts.frontendExpected)
  const found = proxies.find((proxy) => proxy.kind !== 'backend' && isNamed(proxy, name))
  if (!found) throw new Refused(texts.noFrontend)
  return found
}

export function isNamed({ name, id }: { readonly name: string; readonly id: number }, wanted: string): boolean {
  return name === wanted || `#${id}` === wanted
}
