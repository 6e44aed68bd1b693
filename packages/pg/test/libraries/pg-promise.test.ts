import pgPromise from 'pg-promise'
import type { PgRoundRobin } from '../../src/index.ts'
import { type App, describeApp } from './app.ts'

function open(rr: PgRoundRobin): App {
  const pgp = pgPromise()
  const db = pgp({ Client: rr.Client as never }) // its types and those of @types/pg do not know each other
  return {
    createTable: () => db.none('create table notes (id text primary key, note text not null)'),
    insert: (id, note) => db.none('insert into notes values ($1, $2)', [id, note]),
    find: async (id) => (await db.oneOrNone('select note from notes where id = $1', id))?.note,
    update: (id, note) => db.none('update notes set note = $2 where id = $1', [id, note]),
    remove: (id) => db.none('delete from notes where id = $1', id),
    insertAll: (ids, before) =>
      db.tx(async (tx) => {
        await tx.batch(ids.map((id) => tx.none('insert into notes values ($1, $2)', [id, 'in a transaction'])))
        await before()
      }),
    end: () => db.$pool.end(),
  }
}

describeApp('pg-promise', open)
