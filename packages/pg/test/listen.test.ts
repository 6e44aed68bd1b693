import { ClosedError, ExhaustedError } from '@tourniquet/core'
import { type PostgresServer, startPostgres, startPostgresPair, waitFor } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'
import { type Heard, type Listening, PgRoundRobin, type PgRoundRobinOptions } from '../src/index.ts'
import { ended, pair, type TwoServers, twoServers, urlOf } from './two-servers.ts'

/** A handler that remembers. */
function ears() {
  const heard: Heard[] = []
  return {
    heard,
    handler: (what: Heard) => void heard.push(what),
    payloads: () =>
      heard.filter(({ kind }) => kind === 'notification').map((each) => (each as { payload: string }).payload),
    gaps: () => heard.filter((each) => each.kind === 'gap'),
  }
}

const notify = (server: PostgresServer, channel: string, payload = '') =>
  server.query(`select pg_notify('${channel.replaceAll("'", "''")}', '${payload}')`)

/** Who listens on a server, by its process. */
const listeners = async (server: PostgresServer) =>
  (await server.query("select pid from pg_stat_activity where query like 'listen %'")).map(([pid]) => pid as string)

const portOf = async (rr: PgRoundRobin) => (await rr.query('show port')).rows[0].port

describe('rr.listen()', () => {
  it('tells of each notification: its channel, payload and sender, in their order', async () => {
    await using servers = await twoServers()
    const { rr, a } = servers
    const { heard, handler, payloads } = ears()
    const listening = await rr.listen('news', handler)
    expect(listening.channel).toBe('news')
    const pid = await rr.run(async (client) => {
      for (let n = 0; n < 100; n++) await client.query('select pg_notify($1, $2)', ['news', String(n)])
      return (await client.query('select pg_backend_pid() as pid')).rows[0].pid
    })
    await waitFor(() => heard.length === 100)
    expect(payloads()).toEqual(Array.from({ length: 100 }, (_, n) => String(n)))
    expect(heard[0]).toEqual({ kind: 'notification', channel: 'news', payload: '0', processId: pid })
    await a.query('notify news')
    await waitFor(() => heard.length === 101)
    expect(heard[100]).toMatchObject({ payload: '' })
  })

  it('what was sent before is not heard, what was sent right after it resolved is', async () => {
    await using servers = await twoServers()
    const { rr, a } = servers
    const { handler, payloads, gaps } = ears()
    await notify(a, 'news', 'before')
    await rr.listen('news', handler)
    await notify(a, 'news', 'after')
    await waitFor(() => payloads().length > 0)
    expect([payloads(), gaps()]).toEqual([['after'], []])
  })

  it('two listeners of one channel hear both; one that is closed leaves the other', async () => {
    await using servers = await twoServers()
    const { rr, a } = servers
    const [one, other] = [ears(), ears()]
    const first = await rr.listen('news', one.handler)
    await rr.listen('news', other.handler)
    await notify(a, 'news', '1')
    await waitFor(() => one.heard.length + other.heard.length === 2)
    await first.close()
    await notify(a, 'news', '2')
    await waitFor(() => other.heard.length === 2)
    expect([one.payloads(), other.payloads()]).toEqual([['1'], ['1', '2']])
  })

  it('hears of no other channel, not even of one that differs in capitals', async () => {
    await using servers = await twoServers()
    const { rr, a } = servers
    const { handler, payloads } = ears()
    await rr.listen('News', handler)
    for (const channel of ['news', 'other', 'News']) await notify(a, channel, channel)
    await waitFor(() => payloads().length > 0)
    expect(payloads()).toEqual(['News'])
  })

  it('takes any name', async () => {
    await using servers = await twoServers()
    const { rr, a } = servers
    const names = [
      'a channel',
      'with "quotes" and \'others\'',
      'select',
      'a;drop table t',
      'ünïcödé \u{1F418}',
      '1',
      'x'.repeat(63),
      `${'ü'.repeat(31)}x`,
    ]
    const all = names.map((channel) => ({ channel, ...ears() }))
    for (const { channel, handler } of all) await rr.listen(channel, handler)
    for (const channel of names) await notify(a, channel, 'heard')
    await waitFor(() => all.every(({ heard }) => heard.length > 0))
    for (const { channel, heard } of all) {
      expect(heard).toMatchObject([{ kind: 'notification', channel, payload: 'heard' }])
    }
  })

  it('takes no slot of the pool', async () => {
    await using servers = await twoServers({ pool: { max: 1 } })
    const { rr, pool, a } = servers
    const held = await pool.connect()
    const { heard, handler } = ears()
    await rr.listen('news', handler)
    expect([pool.totalCount, pool.waitingCount]).toEqual([1, 0])
    held.release()
    await notify(a, 'news')
    await waitFor(() => heard.length === 1)
  })

  it('goes to the current server, and connects if there is none', async () => {
    await using servers = await twoServers()
    const { rr, a, b } = servers
    await rr.listen('news', () => {})
    expect([await listeners(a), await listeners(b)]).toEqual([[expect.any(String)], []])
    await rr.failover()
    await waitFor(async () => (await listeners(b)).length === 1)
    await rr.listen('other', () => {})
    expect(await listeners(b)).toHaveLength(2)
  })
})

type Loss = (servers: TwoServers) => Promise<unknown>

/** Each way in which a listener loses its server, and is to go on elsewhere. */
const losses: Record<string, { readonly options?: PgRoundRobinOptions; readonly lose: Loss }> = {
  'a kill': { lose: ({ a }) => a.kill() },
  'a stop': { lose: ({ a }) => a.stop() },
  'a cut of all connections, and no new ones': {
    lose: async ({ proxyA }) => {
      await proxyA.refuse()
      proxyA.cut()
    },
  },
  'failover()': { lose: ({ rr }) => rr.failover() },
  'setSources() without it': { lose: async ({ rr, proxyB }) => rr.setSources([urlOf(proxyB)]) },
  'a server that is frozen': { options: { heartbeatMs: 50, probeTimeoutMs: 1000 }, lose: ({ a }) => a.freeze() },
  'a black hole': { options: { heartbeatMs: 50, probeTimeoutMs: 1000 }, lose: ({ proxyA }) => proxyA.freeze() },
  'a demotion, noticed by the heartbeat': { options: { heartbeatMs: 50 }, lose: ({ a }) => a.setReadOnly(true) },
}

describe('a listener whose server is lost goes on, and tells of the gap', () => {
  it.each(Object.keys(losses))('%s', async (name) => {
    const { options = {}, lose } = losses[name] as { options?: PgRoundRobinOptions; lose: Loss }
    await using servers = await twoServers({ targetSessionAttrs: 'read-write', ...options })
    const { rr, a, b, proxyA, proxyB } = servers
    const { heard, handler } = ears()
    const listening = await rr.listen('news', handler)
    await notify(a, 'news', 'on A')
    await waitFor(() => heard.length === 1)
    const begun = performance.now()
    await lose(servers)
    await waitFor(() => heard.length === 2)
    const tookMs = performance.now() - begun
    await notify(b, 'news', 'on B')
    await waitFor(() => heard.length === 3)
    const from = `127.0.0.1:${proxyA.port}`
    const to = `127.0.0.1:${proxyB.port}`
    expect(heard).toMatchObject([
      { kind: 'notification', payload: 'on A' },
      { kind: 'gap', channel: 'news', from, to, durationMs: expect.any(Number) },
      { kind: 'notification', payload: 'on B' },
    ])
    const { durationMs } = heard[1] as { durationMs: number }
    expect(durationMs).toBeGreaterThanOrEqual(0)
    expect(durationMs).toBeLessThanOrEqual(tookMs)
    expect(await listeners(b)).toHaveLength(1)
    if (a.state === 'frozen') await a.thaw()
    await listening.close()
  })

  it('its session alone is ended by hand: it goes on on the same server, and nothing moves', async () => {
    await using servers = await twoServers()
    const { rr, a, proxyA, proxyB } = servers
    const { heard, handler } = ears()
    await rr.listen('news', handler)
    const moves: unknown[] = []
    rr.on('failover', (event) => moves.push(event))
    const [pid] = await listeners(a)
    await a.query(`select pg_terminate_backend(${pid})`)
    await waitFor(() => heard.length === 1)
    const id = `127.0.0.1:${proxyA.port}`
    expect(heard).toMatchObject([{ kind: 'gap', from: id, to: id }])
    await notify(a, 'news', 'again')
    await waitFor(() => heard.length === 2)
    expect([moves, proxyB.accepted, await listeners(a)]).toEqual([[], 0, [expect.any(String)]])
  })

  it('the gap is told before the first notification, also where those come thick and fast', async () => {
    await using servers = await twoServers()
    const { rr, b } = servers
    const { heard, handler } = ears()
    await rr.listen('news', handler)
    let isOver = false
    const flood = (async () => {
      const ten = (n: number) => `select pg_notify('news', '${n}-' || i) from generate_series(1, 10) as i`
      for (let n = 0; !isOver; n++) await b.query(ten(n))
    })()
    await servers.a.kill()
    await waitFor(() => heard.length > 20, { timeoutMs: 30_000 })
    isOver = true
    await flood
    expect(heard.map(({ kind }) => kind)).toEqual(['gap', ...heard.slice(1).map(() => 'notification')])
  })

  it('what is sent once the gap was told is heard', async () => {
    await using servers = await twoServers()
    const { rr, b } = servers
    const { payloads, heard } = ears()
    let told = () => {}
    const gap = new Promise<void>((resolve) => {
      told = resolve
    })
    await rr.listen('news', (what) => {
      heard.push(what)
      if (what.kind === 'gap') told()
    })
    await servers.a.kill()
    await gap
    await notify(b, 'news', 'right after')
    await waitFor(() => payloads().length === 1)
    expect(payloads()).toEqual(['right after'])
  })

  it('one gap for a loss that goes over several servers and rounds', async () => {
    await using servers = await twoServers()
    const { rr, a, b } = servers
    const { heard, handler } = ears()
    await rr.listen('news', handler)
    const dials: unknown[] = []
    rr.on('fail', ({ phase }) => dials.push(phase))
    await Promise.all([a.kill(), b.kill()])
    await waitFor(() => dials.filter((phase) => phase === 'connect').length >= 4)
    await b.restart()
    await waitFor(() => heard.length > 0)
    await notify(b, 'news', 'back')
    await waitFor(() => heard.length === 2)
    expect(heard).toMatchObject([{ kind: 'gap', to: `127.0.0.1:${servers.proxyB.port}` }, { payload: 'back' }])
  })

  it('there and back: a gap for each', async () => {
    await using servers = await twoServers()
    const { rr, proxyA, proxyB } = servers
    const { heard, handler, gaps } = ears()
    await rr.listen('news', handler)
    await rr.failover()
    await waitFor(() => gaps().length === 1)
    await rr.failover()
    await waitFor(() => gaps().length === 2)
    const [one, other] = [`127.0.0.1:${proxyA.port}`, `127.0.0.1:${proxyB.port}`]
    expect(heard).toMatchObject([
      { from: one, to: other },
      { from: other, to: one },
    ])
    await waitFor(() => proxyB.open === 0)
  })

  it('many listeners all go on', async () => {
    await using servers = await twoServers()
    const { rr, a, b } = servers
    const all = Array.from({ length: 5 }, () => ears())
    await Promise.all(all.map(({ handler }, n) => rr.listen(`news${n}`, handler)))
    await a.kill()
    await waitFor(() => all.every(({ heard }) => heard.length === 1))
    for (const n of all.keys()) await notify(b, `news${n}`, String(n))
    await waitFor(() => all.every(({ heard }) => heard.length === 2))
    expect(all.map(({ payloads }) => payloads()[0])).toEqual(['0', '1', '2', '3', '4'])
  })

  it('G11 a primary that restarts as a standby: it goes on on the new one', async () => {
    await using servers = await pair({ maxAttempts: Number.POSITIVE_INFINITY })
    const { rr, a, b } = servers
    const { heard, handler } = ears()
    await rr.listen('news', handler)
    await b.promote()
    await a.demote(b)
    await waitFor(() => heard.length === 1)
    await notify(b, 'news', 'on the new primary')
    await waitFor(() => heard.length === 2)
    expect(heard).toMatchObject([{ kind: 'gap' }, { payload: 'on the new primary' }])
  })

  it('a handler that throws at a gap or a notification does not end the listener', async () => {
    await using servers = await twoServers()
    const { rr, b } = servers
    const { heard } = ears()
    const thrown: unknown[] = []
    const own = new Error('own')
    const caught = (error: unknown) => thrown.push(error)
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException').on('uncaughtException', caught)
    try {
      await rr.listen('news', (what) => {
        heard.push(what)
        throw own
      })
      await servers.a.kill()
      await waitFor(() => heard.length === 1)
      await notify(b, 'news', '1')
      await waitFor(() => heard.length === 2)
      await notify(b, 'news', '2')
      await waitFor(() => heard.length === 3)
    } finally {
      process.removeAllListeners('uncaughtException')
      for (const other of others) process.on('uncaughtException', other)
    }
    expect(heard.map(({ kind }) => kind)).toEqual(['gap', 'notification', 'notification'])
    // It is its own: nobody swallows it.
    expect(new Set(thrown)).toEqual(new Set([own]))
  })
})

describe('the end of a listener', () => {
  it('G7 close() ends it, and leaves no socket; twice is the same', async () => {
    await using servers = await twoServers()
    const { rr, a, proxyA } = servers
    const { heard, handler } = ears()
    const listening = await rr.listen('news', handler)
    const before = proxyA.open
    await listening.close()
    await listening.close()
    await waitFor(() => proxyA.open === before - 1)
    await waitFor(async () => (await listeners(a)).length === 0)
    await notify(a, 'news', 'nobody hears')
    await a.kill()
    await rr.query('select 1')
    expect([heard, await portOf(rr)]).toEqual([[], String(servers.b.port)])
    expect(await listeners(servers.b)).toEqual([])
  })

  it('by "await using"', async () => {
    await using servers = await twoServers()
    const { rr, a } = servers
    {
      await using listening: Listening = await rr.listen('news', () => {})
      expect(listening.channel).toBe('news')
    }
    await waitFor(async () => (await listeners(a)).length === 0)
  })

  it('G5 close() while it is on its way to another server', async () => {
    await using servers = await twoServers({ connectTimeoutMs: 60_000 })
    const { rr, a, proxyB } = servers
    const { heard, handler } = ears()
    const listening = await rr.listen('news', handler)
    await proxyB.mute()
    await a.kill()
    await waitFor(() => proxyB.accepted > 0)
    await listening.close()
    await proxyB.pass()
    proxyB.cut()
    await rr.query('select 1', [], { maxAttempts: 10 })
    expect([heard, await listeners(servers.b)]).toEqual([[], []])
  })

  it('G5 close() on a frozen server', async () => {
    await using servers = await twoServers()
    const { rr, a } = servers
    const listening = await rr.listen('news', () => {})
    await a.freeze()
    const closing = listening.close()
    const settled = closing.then(() => true)
    await rr.close({ drainMs: 50 })
    expect(await settled).toBe(true)
    await a.thaw()
  })

  it('rr.close() ends it: the handler hears nothing any more', async () => {
    await using servers = await twoServers()
    const { rr, a, proxyA, proxyB } = servers
    const { heard, handler } = ears()
    await rr.listen('news', handler)
    await rr.close()
    await waitFor(() => proxyA.open === 0)
    await notify(a, 'news', 'nobody hears')
    expect([heard, proxyB.accepted]).toEqual([[], 0])
    expect((await ended(rr.listen('news', handler))).error).toBeInstanceOf(ClosedError)
  })
})

describe('a listener that cannot listen', () => {
  it.each(['standby', 'read-only', 'prefer-standby'] as const)(
    'targetSessionAttrs %s: is refused, with a clear word, and nothing is open',
    async (target) => {
      await using both = await startPostgresPair()
      await using rr = new PgRoundRobin([both.standby.url], { targetSessionAttrs: target })
      const { error } = await ended(rr.listen('news', () => {}))
      expect(error?.message).toMatch(/LISTEN/i)
      expect(error?.message).toMatch(/standby|recovery/)
      expect(error).toMatchObject({ code: expect.stringMatching(/^(25006|0A000|55000|TOURNIQUET_INVALID)$/) })
      expect(await listeners(both.standby)).toEqual([])
    },
  )

  it('any, on a standby: it goes to the next one, which is a primary', async () => {
    await using both = await startPostgresPair()
    await using rr = new PgRoundRobin([both.standby.url, both.primary.url])
    const { heard, handler } = ears()
    await rr.listen('news', handler)
    await notify(both.primary, 'news', 'heard')
    await waitFor(() => heard.length === 1)
  })

  it('no server is up: as a run', async () => {
    await using rr = new PgRoundRobin(['postgresql://127.0.0.1:1', 'postgresql://127.0.0.1:2'], {
      backoff: { initialMs: 1, maxMs: 1 },
    })
    const { error } = await ended(rr.listen('news', () => {}))
    expect(error).toBeInstanceOf(ExhaustedError)
    expect(error).toMatchObject({ outcome: 'not-applied' })
  })

  it('a wrong password: the server’s own words', async () => {
    await using server = await startPostgres()
    await using rr = new PgRoundRobin([server.url.replace('postgres@', 'nobody@')])
    expect((await ended(rr.listen('news', () => {}))).error).toMatchObject({ code: '28000' })
  })
})
