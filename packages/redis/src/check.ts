import type { Redis } from 'ioredis'
import { marked, type Role } from './verdict.ts'

interface State {
  /** As the server calls it: `master` or `slave`. */
  readonly role: string | undefined
  readonly isLoading: boolean
}

/** Asks a server what it is. @throws if it does not serve, or is not what `role` asks for */
export async function check(redis: Redis, id: string, role: Role): Promise<void> {
  const error = misfit(await stateOf(redis), id, role)
  if (error) throw error
}

/** What speaks against a server, from its answer to INFO as ioredis has read it. */
export function misfitOf(
  info: Readonly<Record<string, string | undefined>>,
  id: string,
  role: Role,
): Error | undefined {
  return misfit({ role: info.role, isLoading: info.loading === '1' }, id, role)
}

function misfit({ role, isLoading }: State, id: string, wanted: Role): Error | undefined {
  if (isLoading) return marked('next', new Error(`${id} is loading its data`))
  const is = role === 'slave' ? 'replica' : role
  if (wanted === 'any' || is === undefined || is === wanted) return undefined
  return marked('next', new Error(`${id} is a ${is}, and a ${wanted} is wanted`))
}

async function stateOf(redis: Redis): Promise<State> {
  try {
    const info = await redis.info()
    return { role: /^role:(\w+)/m.exec(info)?.[1], isLoading: /^loading:1/m.test(info) }
  } catch (error) {
    // A user may be kept from INFO, as it is "dangerous", and a server's owner may have renamed it.
    if (!(error instanceof Error) || !/^-?(NOPERM\b|ERR unknown command)/.test(error.message)) throw error
    await redis.ping().catch(unlessForbidden)
    return { role: await roleByHello(redis), isLoading: false }
  }
}

function unlessForbidden(error: unknown): void {
  if (!(error instanceof Error) || !/^-?NOPERM\b/.test(error.message)) throw error
}

async function roleByHello(redis: Redis): Promise<string | undefined> {
  const reply = await redis.call('HELLO').catch(() => [])
  const words: unknown[] = Array.isArray(reply) ? reply : Object.entries(reply as object).flat()
  const role = words[words.indexOf('role') + 1]
  return role === 'master' ? role : role === 'replica' ? 'slave' : undefined
}
