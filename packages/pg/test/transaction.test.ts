import { ExhaustedError, InvalidError, OutcomeUnknownError, TourniquetError } from '@tourniquet/core'
import { type PostgresServer, startPostgres } from '@tourniquet/testkit'
import type { ClientBase } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { PgRoundRobin, type TransactionOptions } from '../src/index.ts'
import { ended, idsIn, twoServers, urlOf } from './two-servers.ts'
import { type Cut, Wire } from './wire.ts'

// Of `begin`, one `insert` with a value, and `commit`: Query, Parse, Bind, Describe, Execute, Sync …
const sent = 'QPBDESQ'
const answered = 'CZ12nCZCZ'
const COMMIT = { up: 6, down: 7 }

const cuts: readonly Cut[] = [
  ...Array.from(sent, (_, at) => ({ way: 'up', at }) as const),
  ...Array.from(answered, (_, at) => ({ way: 'down', at }) as const),
]
const named = cuts.map((cut) => ({
  ...cut,
  name:
    cut.way === 'up' ? `message ${cut.at} to it, ${sent[cut.at]}` : `message ${cut.at} from it, ${answered[cut.at]}`,
}))

describe('a transaction whose connection is cut', () => {
  let a: PostgresServer
  let b: PostgresServer
  beforeAll(async () => {
    ;[a, b] = await Promise.all([startPostgres({ name: 'A' }), startPostgres({ name: 'B' })])
    for (const server of [a, b]) await server.query('create table t (id text)')
  })
  afterAll(async () => {
    for (const server of [a, b]) await server?.[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    for (const server of [a, b]) await server.query('delete from t')
  })

  /** One transaction, cut there: how it ended, how often it was begun, how often its row is there, and what was said. */
  async function run(cut: Cut | undefined, isGoneThen: boolean, options?: TransactionOptions) {
    await using wire = await Wire.start(a.port)
    await using rr = new PgRoundRobin([urlOf(wire), urlOf(b)])
    await rr.query('select 1')
    wire.cut = cut
    wire.isGoneThen = isGoneThen
    let calls = 0
    const work = async (client: ClientBase) => {
      calls++
      await client.query('insert into t values ($1)', ['one'])
      return 'done'
    }
    const end = await ended(rr.transaction(work, options))
    const rows = [(await idsIn(a)).length, (await idsIn(b)).length]
    return { end, calls, rows, seen: { ...wire.seen } } // a client that is ended says so, too
  }

  it('sends these messages if it is not', async () => {
    expect(await run(undefined, false)).toEqual({
      end: { value: 'done' },
      calls: 1,
      rows: [1, 0],
      seen: { up: sent, down: answered },
    })
  })

  describe.each([
    ['is well', false],
    ['is gone', true],
  ])('and its server %s', (_, isGoneThen) => {
    it.each(named)('G6 G13 at $name', async ({ way, at }) => {
      const { end, calls, rows } = await run({ way, at }, isGoneThen)
      if (at < COMMIT[way]) {
        // COMMIT was not sent: it is run again as a whole, on the same server if that is well.
        expect(end).toEqual({ value: 'done' })
        expect(rows).toEqual(isGoneThen ? [0, 1] : [1, 0])
        expect(calls).toBe(way === 'down' ? (at < 2 ? 1 : 2) : at === 0 ? 1 : 2)
      } else if (way === 'down' && at > COMMIT.down) {
        // The server has said that it is committed.
        expect([end, calls, rows]).toEqual([{ value: 'done' }, 1, [1, 0]])
      } else {
        expect(end.error).toBeInstanceOf(OutcomeUnknownError)
        expect(end.error).toMatchObject({ outcome: 'unknown', code: 'TOURNIQUET_OUTCOME_UNKNOWN' })
        expect([calls, rows]).toEqual([1, way === 'up' ? [0, 0] : [1, 0]])
      }
    })

    it.each(named.filter(({ way, at }) => at === COMMIT[way]))(
      'idempotent, at $name: run again',
      async ({ way, at }) => {
        const { end, calls, rows } = await run({ way, at }, isGoneThen, { idempotent: true })
        expect([end, calls]).toEqual([{ value: 'done' }, 2])
        expect(rows).toEqual([way === 'down' ? (isGoneThen ? 1 : 2) : isGoneThen ? 0 : 1, isGoneThen ? 1 : 0])
      },
    )
  })
})

describe('transaction', () => {
  it('rolls back what fails, and rejects with the same error', async () => {
    await using servers = await twoServers()
    const { rr, pool, a } = servers
    const mine = new Error('mine')
    const { error } = await ended(
      rr.transaction(async (client) => {
        await client.query("insert into t values ('no')")
        throw mine
      }),
    )
    expect(error).toBe(mine)
    expect(await idsIn(a)).toEqual([])
    expect([pool.totalCount, pool.idleCount]).toEqual([1, 1])
  })

  it('rejects when COMMIT came back as ROLLBACK', async () => {
    await using servers = await twoServers()
    const { error } = await ended(
      servers.rr.transaction(async (client) => {
        await client.query("insert into t values ('no')")
        await client.query('select nosuch').catch(() => {})
      }),
    )
    expect(error).toBeInstanceOf(TourniquetError)
    expect(error).toMatchObject({ outcome: 'not-applied', message: expect.stringContaining('was rolled back') })
    expect(await idsIn(servers.a)).toEqual([])
  })

  it('G13 lends a client that answers nothing once it has ended, in all ways to ask', async () => {
    await using servers = await twoServers()
    const client = await servers.rr.transaction(async (lent) => lent)
    expect((await ended(client.query('select 1'))).error?.message).toMatch(/lent to a transaction, which has ended/)
    const error = await new Promise<Error>((resolve) => client.query('select 1', (failed) => resolve(failed)))
    expect(error.message).toMatch(/has ended/)
    const run = await servers.rr.run(async (lent) => lent)
    expect((await ended(run.query('select 1'))).error?.message).toMatch(/lent to a run, which has ended/)
  })

  it('does not let its holder end or release the client', async () => {
    await using servers = await twoServers()
    for (const word of ['end', 'release', 'connect'] as const) {
      const work = (client: ClientBase) => (client as unknown as Record<typeof word, () => Promise<void>>)[word]()
      expect((await ended(servers.rr.transaction(work))).error?.message).toMatch(`${word}() is not for`)
    }
  })

  it('sets the level and the access that were asked for', async () => {
    await using servers = await twoServers()
    const asked = async (options: TransactionOptions) => {
      const { rows } = await servers.rr.transaction(
        (client) =>
          client.query(
            "select current_setting('transaction_isolation') as level, current_setting('transaction_read_only') as read_only",
          ),
        options,
      )
      return Object.values(rows[0])
    }
    expect(await asked({})).toEqual(['read committed', 'off'])
    expect(await asked({ isolationLevel: 'serializable', readOnly: true })).toEqual(['serializable', 'on'])
    expect(await asked({ isolationLevel: 'repeatable read', readOnly: false })).toEqual(['repeatable read', 'off'])
    expect(await asked({ isolationLevel: 'read uncommitted' })).toEqual(['read uncommitted', 'off'])
  })

  it.each([
    [0, '40001', 1],
    [2, undefined, 2],
  ])('with rerun: %i, what cannot be serialized ends with %s after %i runs', async (rerun, code, expected) => {
    await using servers = await twoServers()
    const { rr, a } = servers
    await a.query("insert into t values ('0')")
    let calls = 0
    const count = async (client: ClientBase) => {
      const { rows } = await client.query('select id from t')
      if (++calls === 1) await a.query("update t set id = id || '+'")
      await client.query('update t set id = $1', [`${rows[0].id}!`])
    }
    const { error } = await ended(rr.transaction(count, { isolationLevel: 'repeatable read', rerun }))
    expect([error?.code, calls]).toEqual([code, expected])
    expect(await idsIn(a)).toEqual([code ? '0+' : '0+!'])
  })

  it('is not run again if it has committed something by itself', async () => {
    await using servers = await twoServers({ targetSessionAttrs: 'read-write' })
    const { rr, a, b } = servers
    const { error } = await ended(
      rr.run(async (client) => {
        await client.query("insert into t values ('kept')")
        await a.setReadOnly(true)
        await client.query("insert into t values ('refused')")
      }),
    )
    expect(error).toBeInstanceOf(OutcomeUnknownError)
    expect([await idsIn(a), await idsIn(b)]).toEqual([['kept'], []])
  })

  it('names what no server could do', async () => {
    await using rr = new PgRoundRobin(['postgresql://127.0.0.1:1', 'postgresql://127.0.0.1:2'])
    const { error } = await ended(rr.transaction((client) => client.query('select 1')))
    expect(error).toBeInstanceOf(ExhaustedError)
    expect(error).toMatchObject({ outcome: 'not-applied' })
  })

  it.each([
    [
      { isolationLevel: 'snapshot' },
      'isolationLevel must be one of read uncommitted, read committed, repeatable read, serializable; got "snapshot"',
    ],
    [{ readOnly: 'yes' }, 'readOnly must be true or false; got string'],
    [{ rerun: -1 }, 'rerun must be a whole number from 0; got -1'],
    [{ level: 1 }, 'unknown option level'],
    [null, 'options must be an object; got object'],
  ])('%j is refused', async (options, words) => {
    await using rr = new PgRoundRobin(['postgresql://127.0.0.1:1'])
    const { error } = await ended(rr.transaction(async () => {}, options as TransactionOptions))
    expect(error).toBeInstanceOf(InvalidError)
    expect(error?.message).toContain(words)
  })
})
