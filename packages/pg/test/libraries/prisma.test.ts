import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll } from 'vitest'
import type { PgRoundRobin } from '../../src/index.ts'
import { type App, describeApp } from './app.ts'

// Prisma generates its client from this: here, into a folder that only this test has.
const schema = `
generator client {
  provider = "prisma-client"
  output   = "./client"
}
datasource db {
  provider = "postgresql"
}
model Note {
  id   String @id
  note String
  @@map("notes")
}
`

interface Notes {
  create(query: { data: { id: string; note: string } }): Promise<unknown>
  createMany(query: { data: { id: string; note: string }[] }): Promise<unknown>
  findUnique(query: { where: { id: string } }): Promise<{ id: string; note: string } | null>
  update(query: { where: { id: string }; data: { note: string } }): Promise<unknown>
  delete(query: { where: { id: string } }): Promise<unknown>
}

/** What is generated, as far as it is used here. */
interface Client {
  readonly note: Notes
  $executeRaw(text: TemplateStringsArray): Promise<number>
  $transaction<T>(work: (tx: { readonly note: Notes }) => Promise<T>): Promise<T>
  $disconnect(): Promise<void>
}

let PrismaClient: new (options: { adapter: PrismaPg }) => Client
let folder: string | undefined

beforeAll(async () => {
  folder = mkdtempSync(join(import.meta.dirname, '.prisma-')) // inside, so that it finds @prisma/client
  writeFileSync(join(folder, 'schema.prisma'), schema)
  generate(folder)
  const generated = await import(/* @vite-ignore */ join(folder, 'client', 'client.ts'))
  PrismaClient = generated.PrismaClient
})

afterAll(() => {
  if (folder) rmSync(folder, { recursive: true })
})

/** `prisma generate`, without a look at the network: it wants to see an engine, which only migrations use. */
function generate(cwd: string): void {
  const cli = join(dirname(createRequire(import.meta.url).resolve('prisma/package.json')), 'build', 'index.js')
  const env = { ...process.env, CHECKPOINT_DISABLE: '1', PRISMA_SCHEMA_ENGINE_BINARY: process.execPath }
  execFileSync(process.execPath, [cli, 'generate', '--schema', 'schema.prisma'], { cwd, env, stdio: 'pipe' })
}

function open(rr: PgRoundRobin): App {
  const prisma = new PrismaClient({ adapter: new PrismaPg(rr.pool(), { disposeExternalPool: true }) })
  return {
    createTable: () => prisma.$executeRaw`create table notes (id text primary key, note text not null)`,
    insert: (id, note) => prisma.note.create({ data: { id, note } }),
    find: async (id) => (await prisma.note.findUnique({ where: { id } }))?.note,
    update: (id, note) => prisma.note.update({ where: { id }, data: { note } }),
    remove: (id) => prisma.note.delete({ where: { id } }),
    insertAll: (ids, before) =>
      prisma.$transaction(async (tx) => {
        await tx.note.createMany({ data: ids.map((id) => ({ id, note: 'in a transaction' })) })
        await before()
      }),
    end: () => prisma.$disconnect(),
  }
}

describeApp('Prisma', open)
