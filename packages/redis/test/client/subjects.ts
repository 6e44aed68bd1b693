import { type RedisServer, startRedis } from '@tourniquet/testkit'
import { Redis, type RedisOptions } from 'ioredis'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { RedisRoundRobin } from '../../src/index.ts'

interface Opened extends AsyncDisposable {
  readonly client: Redis
  /** Another client, such as a duplicate, which is ended with this one. */
  own(client: Redis): Redis
}

export interface Subject {
  readonly name: string
  readonly open: (source: string, options?: RedisOptions) => Opened
}

const plain: Subject = {
  name: 'new Redis(url)',
  open: (source, options = {}) => opened(new Redis(source, options as Legacy)),
}

const failover: Subject = {
  name: 'rr.client()',
  open(source, options = {}) {
    const rr = new RedisRoundRobin([source])
    return opened(rr.client(options), () => rr.close({ drainMs: 0 }))
  },
}

/** Whose replies are as they have always been, also with RESP3. */
type Legacy = RedisOptions & { replyMapping?: 'legacy' }

/** What holds for one holds for the other. */
export const subjects: readonly Subject[] = [plain, failover]

function opened(client: Redis, close: () => Promise<void> = async () => {}): Opened {
  const owned = [client]
  return {
    client,
    own(other) {
      owned.push(other)
      return other
    },
    async [Symbol.asyncDispose]() {
      for (const each of owned) each.disconnect()
      await close()
    },
  }
}

/** A server for all tests of a file, empty before each of them. */
export function oneServer(args: readonly string[] | ((port: number) => readonly string[]) = []): () => RedisServer {
  let server: RedisServer | undefined
  beforeAll(async () => {
    server = await startRedis({ args })
  })
  beforeEach(async () => {
    await server?.command('FLUSHALL')
    await server?.command('SCRIPT', 'FLUSH')
  })
  afterAll(() => server?.[Symbol.asyncDispose]())
  return () => server as RedisServer
}

/** What a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise
  } catch (error) {
    return error as Error
  }
  throw new Error('it was not rejected')
}

/** What a callback is told. */
export function told(send: (callback: (...words: unknown[]) => void) => unknown): Promise<unknown[]> {
  return new Promise((resolve) => {
    send((...words) => resolve(words))
  })
}

/** `0 … count - 1` */
export const below = (count: number) => Array.from({ length: count }, (_, index) => index)
