import { DataTypes, Sequelize } from 'sequelize'
import type { PgRoundRobin } from '../../src/index.ts'
import { type App, describeApp } from './app.ts'

function open(rr: PgRoundRobin): App {
  const db = new Sequelize({ dialect: 'postgres', dialectModule: rr.driver, logging: false })
  const columns = { id: { type: DataTypes.TEXT, primaryKey: true }, note: { type: DataTypes.TEXT, allowNull: false } }
  const Note = db.define('Note', columns, { tableName: 'notes', timestamps: false })
  return {
    createTable: () => Note.sync(),
    insert: (id, note) => Note.create({ id, note }),
    find: async (id) => (await Note.findByPk(id))?.get('note') as string | undefined,
    update: (id, note) => Note.update({ note }, { where: { id } }),
    remove: (id) => Note.destroy({ where: { id } }),
    insertAll: (ids, before) =>
      db.transaction(async (transaction) => {
        await Note.bulkCreate(
          ids.map((id) => ({ id, note: 'in a transaction' })),
          { transaction },
        )
        await before()
      }),
    end: () => db.close(),
  }
}

describeApp('Sequelize', open)
