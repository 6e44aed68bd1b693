import knex from 'knex'
import type { PgRoundRobin } from '../../src/index.ts'
import { type App, describeApp } from './app.ts'

interface Note {
  readonly id: string
  readonly note: string
}

/** knex prints what it also throws. */
const quiet = { warn: () => {} }

function open(rr: PgRoundRobin): App {
  const db = knex({ client: 'pg', connectionPool: rr.pool(), log: quiet })
  return {
    createTable: () =>
      db.schema.createTable('notes', (table) => {
        table.text('id').primary()
        table.text('note').notNullable()
      }),
    insert: (id, note) => db<Note>('notes').insert({ id, note }),
    find: async (id) => (await db<Note>('notes').where({ id }).first())?.note,
    update: (id, note) => db<Note>('notes').where({ id }).update({ note }),
    remove: (id) => db<Note>('notes').where({ id }).delete(),
    insertAll: (ids, before) =>
      db.transaction(async (tx) => {
        await tx<Note>('notes').insert(ids.map((id) => ({ id, note: 'in a transaction' })))
        await before()
      }),
    end: async () => {
      await db.destroy() // leaves the pool alone, which is not its own
      await rr.pool().end()
    },
  }
}

describeApp('knex', open)
