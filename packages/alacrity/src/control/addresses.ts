import { lookup, Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { ResolversConfig, ServerConfig } from '../config/model.ts'
import type { ServerAddress } from '../engine/plan.ts'

/**
 * The address of a server at the start, as `init-addr` says: an IP address as it stands, a name by the machine's own
 * resolver. Undefined: it has none yet (`none`).
 *
 * @throws Error that names the line and the server, where its name cannot be resolved
 */
export async function initialAddress(server: ServerConfig): Promise<ServerAddress | undefined> {
  const { address } = server
  if ('path' in address) return address
  const port = address.port ?? 0
  if (isIP(address.host)) return { host: address.host, port }
  for (const way of server.initAddr) {
    if (way === 'none') return undefined
    if (way === 'last') continue
    if (way !== 'libc') return { host: way, port }
    const host = await resolved(address.host, server)
    if (host !== undefined) return { host, port }
  }
  const { file, line } = server.place
  throw new Error(
    `${file}:${line}: server: ${server.name}: cannot resolve ${address.host}; correct the name, or let it start without an address with "init-addr last,libc,none"`,
  )
}

async function resolved(name: string, server: ServerConfig): Promise<string | undefined> {
  try {
    const all = await lookup(name, { all: true, verbatim: true })
    return chosen(
      all.map(({ address }) => address),
      server,
    )
  } catch {
    return undefined
  }
}

/** One of several addresses: of the family that is preferred, and for the n-th of a template the n-th. */
function chosen(addresses: readonly string[], { resolvePrefer, template }: ServerConfig): string | undefined {
  const family = resolvePrefer === 'ipv4' ? 4 : 6
  const preferred = addresses.filter((address) => isIP(address) === family)
  const inOrder = [...new Set([...preferred, ...addresses])]
  return template ? inOrder[template.index] : inOrder[0]
}

/** Asks the name servers of a `resolvers` section. */
export class Names {
  readonly holdMs: number
  readonly #resolver: Resolver

  constructor(config: ResolversConfig) {
    this.holdMs = config.holdValidMs
    this.#resolver = new Resolver({ timeout: config.timeoutRetryMs, tries: config.retries })
    const servers = config.nameservers.map(({ host, port }) =>
      host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
    )
    if (servers.length > 0) this.#resolver.setServers(servers)
  }

  /**
   * All addresses of a name, in a steady order. What is `known` of a family holds where nobody could say for sure what
   * it is now; all of it, where there is no other address instead.
   */
  async resolve(name: string, known: readonly string[]): Promise<readonly string[]> {
    const answers = await Promise.allSettled([this.#resolver.resolve4(name), this.#resolver.resolve6(name)])
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    const unsure = [4, 6].filter((_, at) => !isDefinite(answers[at] as PromiseSettledResult<unknown>))
    const kept = found.length === 0 && unsure.length > 0 ? known : known.filter((host) => unsure.includes(isIP(host)))
    return [...new Set([...found, ...kept])].sort()
  }

  cancel(): void {
    this.#resolver.cancel()
  }
}

/** That the name does not exist, or has no address, is an answer too. */
function isDefinite(answer: PromiseSettledResult<unknown>): boolean {
  if (answer.status === 'fulfilled') return true
  const { code } = answer.reason as NodeJS.ErrnoException
  return code === 'ENOTFOUND' || code === 'ENODATA'
}

/**
 * Which of a name's addresses each server gets. Whoever has one that is still there keeps it; the others get what is
 * free, each an address of its own (of a template), or all the first (of single servers).
 */
export function assign(
  servers: readonly { readonly config: ServerConfig; readonly address: ServerAddress | undefined }[],
  addresses: readonly string[],
): (string | undefined)[] {
  const free = new Set(addresses)
  const kept = servers.map(({ address, config }) => {
    const host = address && 'host' in address ? address.host : undefined
    if (host === undefined || !addresses.includes(host)) return undefined
    if (config.template && !free.delete(host)) return undefined
    return host
  })
  return servers.map(({ config }, at) => {
    if (kept[at] !== undefined) return kept[at]
    const host = chosen([...free], { ...config, template: undefined } as unknown as ServerConfig)
    if (config.template && host !== undefined) free.delete(host)
    return host
  })
}
