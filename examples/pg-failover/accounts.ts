// Ordinary accounts in PostgreSQL. They take what node-postgres gives, and know nothing of several servers.
import type { ClientBase, Pool } from 'pg'

export interface Transfer {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly amount: number
}

export const NAMES = ['ada', 'bob', 'cleo', 'dan']
const BALANCE = 1000
export const TOTAL: number = NAMES.length * BALANCE

export async function open(pool: Pool): Promise<void> {
  await pool.query('create table accounts (name text primary key, balance bigint not null)')
  await pool.query('create table journal (id text primary key, from_name text, to_name text, amount bigint)')
  await pool.query('insert into accounts select unnest($1::text[]), $2', [NAMES, BALANCE])
}

/** Within a transaction: both accounts and the journal, or nothing. */
export async function transfer(client: ClientBase, { id, from, to, amount }: Transfer): Promise<void> {
  // In one order everywhere, or two of them would wait for each other.
  const changes = [
    { name: from, by: -amount },
    { name: to, by: amount },
  ].sort((a, b) => a.name.localeCompare(b.name))
  for (const { name, by } of changes) {
    await client.query('update accounts set balance = balance + $2 where name = $1', [name, by])
  }
  await client.query('insert into journal values ($1, $2, $3, $4)', [id, from, to, amount])
}

/** What all accounts hold together, and the ids of all transfers. */
export async function audit(pool: Pool): Promise<{ total: number; ids: readonly string[] }> {
  const { rows: sums } = await pool.query<{ total: string }>('select sum(balance) as total from accounts')
  const { rows } = await pool.query<{ id: string }>('select id from journal')
  return { total: Number(sums[0]?.total), ids: rows.map(({ id }) => id) }
}
