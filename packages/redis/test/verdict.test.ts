import { startRedis, waitFor } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'
import { RedisRoundRobin } from '../src/index.ts'
import { type TwoServers, twoServers } from './two-servers.ts'

interface Row {
  readonly row: string
  /** Makes A answer so. */
  readonly arrange: (servers: TwoServers) => Promise<unknown>
  readonly command?: readonly [string, ...string[]]
}

// So that a server can be told to fail.
const unlocked = ['--enable-protected-configs', 'local', '--enable-debug-command', 'local']

/** Each reply that a server gives to say that it is not fit, brought about on a real one. */
const moving: readonly Row[] = [
  { row: 'READONLY', arrange: ({ a }) => a.command('REPLICAOF', '127.0.0.1', '1') },
  {
    row: 'NOREPLICAS',
    arrange: ({ a }) => a.command('CONFIG', 'SET', 'min-replicas-to-write', '1'),
  },
  {
    row: 'MASTERDOWN',
    arrange: async ({ a }) => {
      await a.command('CONFIG', 'SET', 'replica-serve-stale-data', 'no')
      await a.command('REPLICAOF', '127.0.0.1', '1')
    },
    command: ['GET', 'x'],
  },
  {
    row: 'MISCONF',
    arrange: async ({ a }) => {
      await a.command('CONFIG', 'SET', 'dir', '/proc')
      await a.command('CONFIG', 'SET', 'save', '3600 1')
      await a.command('SET', 'x', '1')
      await a.command('BGSAVE').catch(() => {})
      await waitFor(async () => (await a.command('INFO', 'persistence')).includes('rdb_last_bgsave_status:err'))
    },
  },
]

const ways = [
  {
    way: 'rr.run',
    ask: ({ rr }: TwoServers, [name, ...words]: Command) => rr.run((redis) => redis.call(name, ...words)),
  },
  { way: 'rr.client()', ask: ({ client }: TwoServers, [name, ...words]: Command) => client.call(name, ...words) },
]
type Command = readonly [string, ...string[]]

describe.each(ways)('$way', ({ ask }) => {
  it.each(moving)('G11 $row: is sent to the next provider', async ({ arrange, command = ['SET', 'x', 'y'] }) => {
    await using servers = await twoServers({}, unlocked)
    const { rr, client, b } = servers
    const verdicts: unknown[] = []
    await Promise.all([rr.connect(), client.ping()])
    rr.on('fail', ({ phase, verdict }) => verdicts.push([phase, verdict]))
    await arrange(servers)
    expect(await ask(servers, command)).toBe(command[0] === 'SET' ? 'OK' : null)
    expect(verdicts).toEqual([['run', 'next']])
    expect(await b.command('EXISTS', 'x')).toBe(command[0] === 'SET' ? '1' : '0')
  })

  it.each<[string, Command]>([
    ['WRONGTYPE', ['LPUSH', 'text', '1']],
    ['NOSCRIPT', ['EVALSHA', '0'.repeat(40), '0']],
    ['ERR unknown command', ['NOSUCH']],
    ['ERR value is not an integer', ['INCR', 'text']],
    ['ERR Error running script', ['EVAL', 'error()', '0']],
  ])('G4 %s: is the caller’s, and the provider stays', async (_, command) => {
    await using servers = await twoServers()
    await servers.a.command('SET', 'text', 'A')
    await expect(ask(servers, command)).rejects.toMatchObject({ name: 'ReplyError' })
    expect(await ask(servers, ['GET', 'text'])).toBe('A')
  })

  it('G4 OOM: is the caller’s', async () => {
    await using servers = await twoServers()
    await servers.a.command('CONFIG', 'SET', 'maxmemory', '1')
    await expect(ask(servers, ['SET', 'x', '1'])).rejects.toThrow(/^OOM/)
  })

  it('G11 UNBLOCKED because the server became a replica: moves; by CLIENT UNBLOCK: does not', async () => {
    await using servers = await twoServers()
    const { a, b, rr } = servers
    const blocked = () => waitFor(async () => /id=(\d+).*cmd=blpop/.exec(await a.command('CLIENT', 'LIST'))?.[1])
    const unblocked = ask(servers, ['BLPOP', 'list', '0']).catch((error) => error)
    await blocked()
    const id = /id=(\d+)[^\n]*cmd=blpop/.exec(await a.command('CLIENT', 'LIST'))?.[1] ?? ''
    await a.command('CLIENT', 'UNBLOCK', id, 'ERROR')
    expect(await unblocked).toMatchObject({ message: expect.stringMatching(/^UNBLOCKED client unblocked via/) })
    expect(rr.current).toContain(String(servers.proxyA.port))
    const popped = ask(servers, ['BLPOP', 'list', '0'])
    await blocked()
    await a.command('REPLICAOF', '127.0.0.1', '1')
    await b.command('RPUSH', 'list', 'element')
    expect(await popped).toEqual(['list', 'element'])
  })
})

describe('while connecting', () => {
  it('G8 a server with no connection left is passed over', async () => {
    await using a = await startRedis({ name: 'A' })
    await using b = await startRedis({ name: 'B' })
    await using full = new RedisRoundRobin([a.url])
    await full.client().ping()
    await a.command('CONFIG', 'SET', 'maxclients', '1')
    await using rr = new RedisRoundRobin([a.url, b.url])
    expect(await rr.client().ping()).toBe('PONG')
    expect(rr.current).toBe(b.url)
  })

  it('G8 a server that loads its data is passed over', async () => {
    await using servers = await twoServers({}, unlocked)
    const { a } = servers
    await a.command('CONFIG', 'SET', 'key-load-delay', '100000')
    await a.command('CONFIG', 'SET', 'loading-process-events-interval-bytes', '1024')
    await a.command('EVAL', "for i = 1, 5000 do redis.call('SET', i, string.rep('x', 100)) end", '0')
    void a.command('DEBUG', 'RELOAD').catch(() => {})
    await waitFor(async () => (await a.command('INFO', 'persistence').catch(() => '')).includes('loading:1'))
    await using rr = new RedisRoundRobin([a.url, servers.b.url])
    const phases: unknown[] = []
    rr.on('fail', ({ phase }) => phases.push(phase))
    expect(await rr.run((redis) => redis.get('1'))).toBeDefined()
    expect(phases).toEqual(['connect'])
    expect(rr.current).toBe(servers.b.url)
    await a.command('CONFIG', 'SET', 'key-load-delay', '0').catch(() => {})
  })
})
