import { eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { pgTable, text } from 'drizzle-orm/pg-core'
import type { PgRoundRobin } from '../../src/index.ts'
import { type App, describeApp } from './app.ts'

const notes = pgTable('notes', { id: text().primaryKey(), note: text().notNull() })

function open(rr: PgRoundRobin): App {
  const db = drizzle({ client: rr.pool() })
  return {
    createTable: () => db.execute(sql`create table notes (id text primary key, note text not null)`),
    insert: (id, note) => db.insert(notes).values({ id, note }),
    find: async (id) => (await db.select().from(notes).where(eq(notes.id, id)))[0]?.note,
    update: (id, note) => db.update(notes).set({ note }).where(eq(notes.id, id)),
    remove: (id) => db.delete(notes).where(eq(notes.id, id)),
    insertAll: (ids, before) =>
      db.transaction(async (tx) => {
        await tx.insert(notes).values(ids.map((id) => ({ id, note: 'in a transaction' })))
        await before()
      }),
    end: () => rr.pool().end(),
  }
}

describeApp('Drizzle', open)
