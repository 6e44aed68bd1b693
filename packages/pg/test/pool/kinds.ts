import type pg from 'pg'
import type { Client, ClientConfig, Pool, PoolClient, PoolConfig } from 'pg'
import { PgRoundRobin } from '../../src/index.ts'

// Without vitest, so that a process of its own can use it, too.

export type Pg = typeof pg

interface OpenedPool extends AsyncDisposable {
  readonly pool: Pool
}

export interface PoolSubject {
  readonly name: string
  readonly isPlain: boolean
  readonly open: (url: string, config?: PoolConfig) => OpenedPool
}

/** Where a server is. pg overlooks a password beside a URL: then it is said in pieces. */
function placeOf(url: string, { password }: ClientConfig): ClientConfig {
  if (password === undefined) return { connectionString: url }
  const { hostname, port, username, pathname } = new URL(url)
  return { host: hostname, port: Number(port), user: username, database: pathname.slice(1), password }
}

/** What is not said by that. */
function withoutPlace<T extends ClientConfig>({ password: _, ...config }: T): Omit<T, 'password'> {
  return config
}

/** A plain pool, and all ways to one of ours. */
export function poolsOf(driver: Pg): readonly PoolSubject[] {
  const ours = (
    name: string,
    make: (url: string, config: PoolConfig) => readonly [PgRoundRobin, Pool],
  ): PoolSubject => ({
    name,
    isPlain: false,
    open(url, config = {}) {
      const [rr, pool] = make(url, config)
      return openedPool(pool, () => rr.close({ drainMs: 0 }))
    },
  })
  const at = (url: string, config: ClientConfig) => new PgRoundRobin([placeOf(url, config)], { pg: driver })
  return [
    {
      name: 'new pg.Pool()',
      isPlain: true,
      open: (url, config = {}) => openedPool(new driver.Pool({ ...placeOf(url, config), ...config })),
    },
    ours('rr.pool()', (url, config) => {
      const rr = new PgRoundRobin([placeOf(url, config)], { pg: driver, pool: withoutPlace(config) })
      return [rr, rr.pool()]
    }),
    ours('new rr.driver.Pool()', (url, config) => {
      const rr = at(url, config)
      return [rr, new rr.driver.Pool(withoutPlace(config))]
    }),
    ours('new pg.Pool({ Client: rr.Client })', (url, config) => {
      const rr = at(url, config)
      return [
        rr,
        new driver.Pool({ ...withoutPlace(config), Client: rr.Client as unknown as NonNullable<PoolConfig['Client']> }),
      ]
    }),
  ]
}

interface OpenedClient extends AsyncDisposable {
  readonly client: Client
}

export interface ClientSubject {
  readonly name: string
  readonly isPlain: boolean
  readonly open: (url: string, config?: ClientConfig) => OpenedClient
}

/** A plain client, and one of ours. */
export function clientsOf(driver: Pg): readonly ClientSubject[] {
  return [
    {
      name: 'new pg.Client()',
      isPlain: true,
      open: (url, config) => openedClient(new driver.Client({ connectionString: url, ...config })),
    },
    {
      name: 'new rr.Client()',
      isPlain: false,
      open(url, config = {}) {
        const rr = new PgRoundRobin([url], { pg: driver })
        return openedClient(new rr.Client(config), () => rr.close({ drainMs: 0 }))
      },
    },
  ]
}

export const ignore = (): void => {}

function openedPool(pool: Pool, close: () => Promise<void> = async () => {}): OpenedPool {
  return {
    pool,
    async [Symbol.asyncDispose]() {
      pool.on('error', ignore)
      for (const client of clientsIn(pool)) destroy(client)
      if (!pool.ending) void pool.end()
      await close()
    },
  }
}

function openedClient(client: Client, close: () => Promise<void> = async () => {}): OpenedClient {
  return {
    client,
    async [Symbol.asyncDispose]() {
      destroy(client)
      await close()
    },
  }
}

/** As a test leaves it: nobody waits for an answer. */
function destroy(client: Client): void {
  client.on('error', ignore)
  client.connection.stream.destroy()
}

/** All that a pool has, idle or not. */
export function clientsIn(pool: Pool): readonly PoolClient[] {
  return (pool as unknown as { readonly _clients: readonly PoolClient[] })._clients
}
