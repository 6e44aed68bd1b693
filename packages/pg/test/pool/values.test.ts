import { waitFor } from '@tourniquet/testkit'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { below, oneServer, pools, rejection } from './subjects.ts'

const server = oneServer()

describe.each(pools)('values of $name', ({ open }) => {
  /** What comes back of a value of a type. */
  const echo = async (pool: pg.Pool, type: string, value: unknown) =>
    (await pool.query(`select $1::${type} as value`, [value])).rows[0].value

  it('text, numbers, booleans, null', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    expect(await echo(pool, 'text', 'aä€😀\n\t"\'\\')).toBe('aä€😀\n\t"\'\\')
    expect(await echo(pool, 'text', '')).toBe('')
    expect(await echo(pool, 'int', 42)).toBe(42)
    expect(await echo(pool, 'float8', 1.5)).toBe(1.5)
    expect(await echo(pool, 'float8', Number.NaN)).toBeNaN()
    expect(await echo(pool, 'bool', true)).toBe(true)
    expect(await echo(pool, 'bool', false)).toBe(false)
    expect(await echo(pool, 'text', null)).toBeNull()
    expect(await echo(pool, 'text', undefined)).toBeNull()
  })

  it('bigint and numeric come as text', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    expect(await echo(pool, 'int8', 9_007_199_254_740_993n)).toBe('9007199254740993')
    expect(await echo(pool, 'numeric', '1.10')).toBe('1.10')
    expect((await pool.query('select count(*) from generate_series(1, 3)')).rows).toEqual([{ count: '3' }])
  })

  it('dates', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    const date = new Date('2024-02-29T12:34:56.789Z')
    expect(await echo(pool, 'timestamptz', date)).toEqual(date)
    expect(await echo(pool, 'timestamp', date)).toEqual(date)
    expect(await echo(pool, 'date', new Date(2024, 1, 29))).toEqual(new Date(2024, 1, 29))
    expect(await echo(pool, 'timestamptz', 'infinity')).toBe(Number.POSITIVE_INFINITY)
  })

  it('intervals', async () => {
    await using opened = open(server().url)
    const interval = await echo(opened.pool, 'interval', '1 day 02:03:04')
    expect({ ...interval }).toMatchObject({ days: 1, hours: 2, minutes: 3, seconds: 4 })
  })

  it('bytes', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    const bytes = Buffer.from(below(256))
    expect(await echo(pool, 'bytea', bytes)).toEqual(bytes)
    expect(await echo(pool, 'bytea', Buffer.alloc(0))).toEqual(Buffer.alloc(0))
    expect(await echo(pool, 'bytea', new Uint8Array([1, 2, 3]))).toEqual(Buffer.from([1, 2, 3]))
  })

  it('arrays', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    expect(await echo(pool, 'int[]', [1, 2, null])).toEqual([1, 2, null])
    expect(await echo(pool, 'text[]', ['a', 'b,c', '"d"', '\\', '', 'NULL', null])).toEqual([
      'a',
      'b,c',
      '"d"',
      '\\',
      '',
      'NULL',
      null,
    ])
    const nested = [
      [1, 2],
      [3, 4],
    ]
    expect(await echo(pool, 'int[][]', nested)).toEqual(nested)
    expect(await echo(pool, 'int[]', [])).toEqual([])
    const { rows } = await pool.query('select n from generate_series(1, 5) n where n = any($1)', [[2, 4]])
    expect(rows).toEqual([{ n: 2 }, { n: 4 }])
  })

  it('json', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    const value = { a: [1, 'ä', null], b: { c: true } }
    expect(await echo(pool, 'json', value)).toEqual(value)
    expect(await echo(pool, 'jsonb', value)).toEqual(value)
    expect(await echo(pool, 'jsonb', JSON.stringify([1, 2]))).toEqual([1, 2])
    expect(await echo(pool, 'json', { toJSON: () => ({ own: 1 }) })).toEqual({ own: 1 })
  })

  it('toPostgres of a value, and of what that holds', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    const point = { toPostgres: () => '(1,2)' }
    expect(await echo(pool, 'point', point)).toEqual({ x: 1, y: 2 })
    const range = { toPostgres: (prepare: (value: unknown) => unknown) => [1, 2].map(prepare) }
    expect(await echo(pool, 'int[]', range)).toEqual([1, 2])
  })

  it('uuid, enum, composite, inet', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    const uuid = '6f1c6a52-6a4e-4b0e-9d0e-0d7a2f0b8f4b'
    expect(await echo(pool, 'uuid', uuid)).toBe(uuid)
    expect(await echo(pool, 'inet', '127.0.0.1')).toBe('127.0.0.1')
    expect((await pool.query("select row(1, 'a') as r")).rows).toEqual([{ r: '(1,a)' }])
  })

  it('a text that holds what the server refuses', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    expect(await rejection(echo(pool, 'text', 'a\0b'))).toMatchObject({ code: '22021' })
    expect(await rejection(echo(pool, 'int', 'abc'))).toMatchObject({ code: '22P02' })
    expect(await rejection(echo(pool, 'int', 2 ** 40))).toMatchObject({ code: '22003' })
    expect(await echo(pool, 'int', 1)).toBe(1)
  })

  it('types of the pool: of all its clients', async () => {
    const types = {
      getTypeParser: (oid: number, format?: string) =>
        oid === 20 ? (text: string) => BigInt(text) : pg.types.getTypeParser(oid, format as 'text'),
    } as unknown as pg.CustomTypesConfig
    await using opened = open(server().url, { types })
    const results = await Promise.all(below(5).map(() => opened.pool.query('select 1::int8 as big, 2 as small')))
    for (const { rows } of results) expect(rows).toEqual([{ big: 1n, small: 2 }])
  })

  it('types.setTypeParser of the driver holds for all', async () => {
    await using opened = open(server().url)
    const former = pg.types.getTypeParser(20)
    pg.types.setTypeParser(20, (text) => Number(text))
    try {
      expect((await opened.pool.query('select 7::int8 as n')).rows).toEqual([{ n: 7 }])
    } finally {
      pg.types.setTypeParser(20, former)
    }
  })

  it('setTypeParser of one client holds for that, also when it is used again', async () => {
    await using opened = open(server().url, { max: 1 })
    const { pool } = opened
    const client = await pool.connect()
    client.setTypeParser(23, (text) => `int ${text}`)
    client.release()
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 'int 1' }])
    ;(await pool.connect()).release(true)
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })
})

describe.each(pools)('errors of $name', ({ open }) => {
  it('have all that the server says, and are of the class of pg', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    await pool.query('drop table if exists checked')
    await pool.query('create table checked (id int primary key, n int not null constraint positive check (n > 0))')
    await pool.query('insert into checked values (1, 1)')
    const error = await rejection(pool.query('insert into checked values ($1, $2)', [1, 1]))
    expect(error).toBeInstanceOf(pg.DatabaseError)
    expect(error.constructor).toBe(pg.DatabaseError)
    expect(error).toMatchObject({
      name: 'error',
      message: 'duplicate key value violates unique constraint "checked_pkey"',
      severity: 'ERROR',
      code: '23505',
      detail: 'Key (id)=(1) already exists.',
      schema: 'public',
      table: 'checked',
      constraint: 'checked_pkey',
      file: 'nbtinsert.c',
      line: expect.any(String),
      routine: '_bt_check_unique',
    })
    expect(await rejection(pool.query('insert into checked values (2, 0)'))).toMatchObject({
      code: '23514',
      constraint: 'positive',
    })
    expect(await rejection(pool.query('insert into checked values (2, null)'))).toMatchObject({
      code: '23502',
      column: 'n',
    })
  })

  it('of syntax: where it is', async () => {
    await using opened = open(server().url)
    expect(await rejection(opened.pool.query('select 1 frm x y'))).toMatchObject({ code: '42601', position: '14' })
  })

  it('of functions: hint, where, internal query', async () => {
    await using opened = open(server().url)
    const text = "do $$ begin raise exception 'mine' using errcode = 'ABCDE', hint = 'try', detail = 'more'; end $$"
    expect(await rejection(opened.pool.query(text))).toMatchObject({
      message: 'mine',
      code: 'ABCDE',
      hint: 'try',
      detail: 'more',
      where: expect.stringContaining('PL/pgSQL'),
    })
    const inside = "do $$ begin execute 'select nosuch'; end $$"
    expect(await rejection(opened.pool.query(inside))).toMatchObject({
      code: '42703',
      internalQuery: 'select nosuch',
      internalPosition: '8',
    })
  })

  it('are the very same as a client of the pool gives', async () => {
    await using opened = open(server().url)
    const client = await opened.pool.connect()
    const [one, other] = [
      await rejection(client.query('select nosuch')),
      await rejection(opened.pool.query('select nosuch')),
    ]
    expect(Object.entries(one)).toEqual(Object.entries(other))
    client.release()
  })

  it('100 at a time, each its own, and the pool goes on', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    const errors = await Promise.all(below(100).map((n) => rejection(pool.query(`select nosuch${n}`))))
    expect(errors.map(({ message }) => message)).toEqual(below(100).map((n) => `column "nosuch${n}" does not exist`))
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('cancelled from outside', async () => {
    await using opened = open(server().url, { max: 1 })
    const { pool } = opened
    const { pid } = (await pool.query('select pg_backend_pid() as pid')).rows[0]
    const failed = rejection(pool.query('select pg_sleep(60)'))
    const sleeps = `select pg_cancel_backend(pid) from pg_stat_activity where pid = ${pid} and wait_event = 'PgSleep'`
    await waitFor(async () => (await server().query(sleeps)).length === 1)
    expect(await failed).toMatchObject({ code: '57014' })
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })
})
