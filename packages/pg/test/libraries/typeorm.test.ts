import 'reflect-metadata'
import { DataSource, EntitySchema } from 'typeorm'
import type { PgRoundRobin } from '../../src/index.ts'
import { type App, describeApp } from './app.ts'

const Note = new EntitySchema<{ id: string; note: string }>({
  name: 'Note',
  tableName: 'notes',
  columns: { id: { type: 'text', primary: true }, note: { type: 'text' } },
})

async function open(rr: PgRoundRobin): Promise<App> {
  const db = new DataSource({ type: 'postgres', extra: { Client: rr.Client }, entities: [Note], logging: false })
  await db.initialize()
  const notes = db.getRepository(Note)
  return {
    createTable: () => db.synchronize(),
    insert: (id, note) => notes.insert({ id, note }),
    find: async (id) => (await notes.findOneBy({ id }))?.note,
    update: (id, note) => notes.update({ id }, { note }),
    remove: (id) => notes.delete({ id }),
    insertAll: (ids, before) =>
      db.transaction(async (tx) => {
        await tx.insert(
          Note,
          ids.map((id) => ({ id, note: 'in a transaction' })),
        )
        await before()
      }),
    end: () => db.destroy(),
  }
}

describeApp('TypeORM', open)
