import { Kysely, PostgresDialect } from 'kysely'
import type { PgRoundRobin } from '../../src/index.ts'
import { type App, describeApp } from './app.ts'

interface Database {
  notes: { id: string; note: string }
}

function open(rr: PgRoundRobin): App {
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: rr.pool() }) })
  return {
    createTable: () =>
      db.schema
        .createTable('notes')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('note', 'text', (column) => column.notNull())
        .execute(),
    insert: (id, note) => db.insertInto('notes').values({ id, note }).execute(),
    find: async (id) => (await db.selectFrom('notes').select('note').where('id', '=', id).executeTakeFirst())?.note,
    update: (id, note) => db.updateTable('notes').set({ note }).where('id', '=', id).execute(),
    remove: (id) => db.deleteFrom('notes').where('id', '=', id).execute(),
    insertAll: (ids, before) =>
      db.transaction().execute(async (tx) => {
        for (const id of ids) await tx.insertInto('notes').values({ id, note: 'in a transaction' }).execute()
        await before()
      }),
    end: () => db.destroy(),
  }
}

describeApp('Kysely', open)
