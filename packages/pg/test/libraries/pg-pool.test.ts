import { OutcomeUnknownError } from '@tourniquet/core'
import { startPostgresPair, waitFor } from '@tourniquet/testkit'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import type { PgRoundRobin } from '../../src/index.ts'
import { type App, describeApp, overBoth } from './app.ts'

/** As TypeORM, pg-boss and pg-promise make theirs. */
const poolOf = (rr: PgRoundRobin) => new pg.Pool({ Client: rr.Client })

function open(rr: PgRoundRobin): App {
  const pool = poolOf(rr)
  pool.on('error', () => {}) // a program logs it: it is pg-pool's own, which would end the process
  return {
    createTable: () => pool.query('create table notes (id text primary key, note text not null)'),
    insert: (id, note) => pool.query('insert into notes values ($1, $2)', [id, note]),
    find: async (id) => (await pool.query('select note from notes where id = $1', [id])).rows[0]?.note,
    update: (id, note) => pool.query('update notes set note = $2 where id = $1', [id, note]),
    remove: (id) => pool.query('delete from notes where id = $1', [id]),
    insertAll: (ids, before) => transaction(pool, ids, before),
    end: () => pool.end(),
  }
}

async function transaction(pool: pg.Pool, ids: readonly string[], before: () => Promise<void>): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    for (const id of ids) await client.query('insert into notes values ($1, $2)', [id, 'in a transaction'])
    await before()
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

describeApp('a pg.Pool with rr.Client', open)

describe('a pg.Pool with rr.Client', () => {
  it('a query that was sent when the server was lost ends with OutcomeUnknownError', async () => {
    await using pair = await startPostgresPair({ synchronous: true })
    await using rr = overBoth(pair)
    const pool = poolOf(rr)
    pool.on('error', () => {})
    const asleep = pool.query('select pg_sleep(1e6)').catch((error: unknown) => error)
    await waitFor(
      async () => (await pool.query("select from pg_stat_activity where query like '%1e6)'")).rowCount === 1,
    )
    await pair.primary.kill()
    expect(await asleep).toBeInstanceOf(OutcomeUnknownError)
    await pair.standby.promote()
    await waitFor(() => pool.query('create table after (n int)'))
    await pool.end()
  })
})
