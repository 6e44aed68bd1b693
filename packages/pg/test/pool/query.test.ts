import pg, { type QueryResult } from 'pg'
import { describe, expect, it } from 'vitest'
import { below, driverName, oneServer, plainPool, pools, rejection, told } from './subjects.ts'

const server = oneServer()

// A value that throws while it is written stays half in the buffer that all connections of the oldest pg share.
const isBrittle = driverName === 'pg-lowest'

describe.each(pools)('query of $name', ({ open, isPlain }) => {
  it('a text', async () => {
    await using opened = open(server().url)
    const result = await opened.pool.query('select 1 as one, null as none')
    expect(result.rows).toEqual([{ one: 1, none: null }])
    expect(result).toMatchObject({ command: 'SELECT', rowCount: 1, oid: null })
    expect(result.fields.map(({ name, dataTypeID }) => [name, dataTypeID])).toEqual([
      ['one', 23],
      ['none', 25],
    ])
  })

  it('the result is of the same class, with the same properties', async () => {
    await using opened = open(server().url)
    await using plain = plainPool.open(server().url)
    const text = 'select 1 as one, $1::text as two'
    const [result, expected] = await Promise.all([opened, plain].map(({ pool }) => pool.query(text, ['a'])))
    expect(Object.getPrototypeOf(result)).toBe(Object.getPrototypeOf(expected))
    expect(Object.keys(result as QueryResult)).toEqual(Object.keys(expected as QueryResult))
    expect((result as QueryResult).fields).toEqual((expected as QueryResult).fields)
  })

  it('a text with values', async () => {
    await using opened = open(server().url)
    const { rows } = await opened.pool.query('select $1::text as text, $2::int as number', ['a', 2])
    expect(rows).toEqual([{ text: 'a', number: 2 }])
  })

  it('a config, with its own values or those beside it', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    expect((await pool.query({ text: 'select $1::int as n', values: [1] })).rows).toEqual([{ n: 1 }])
    expect((await pool.query({ text: 'select $1::int as n' }, [2])).rows).toEqual([{ n: 2 }])
    expect((await pool.query({ text: 'select 3 as n' })).rows).toEqual([{ n: 3 }])
  })

  it('a config can be used again', async () => {
    await using opened = open(server().url)
    const config = { text: 'select $1::int as n', values: Object.freeze([1]) as number[] }
    for (const _ of below(2)) expect((await opened.pool.query(config)).rows).toEqual([{ n: 1 }])
    expect(config).toMatchObject({ text: 'select $1::int as n', values: [1] })
  })

  it('a config of a class of its own', async () => {
    await using opened = open(server().url)
    class Statement {
      readonly text = 'select $1::int as n'
      readonly values = [1]
    }
    expect((await opened.pool.query(new Statement())).rows).toEqual([{ n: 1 }])
  })

  it('no values, or none of them', async () => {
    await using opened = open(server().url)
    for (const values of [undefined, []]) {
      expect((await opened.pool.query('select 1 as n', values)).rows).toEqual([{ n: 1 }])
    }
    expect(await rejection(opened.pool.query('select $1::int'))).toMatchObject({ code: '42P02' })
    expect(await rejection(opened.pool.query('select 1', [1]))).toMatchObject({ code: '08P01' })
  })

  it('a callback in each place, and nothing is returned', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    const returned: unknown[] = []
    const words = [
      await told((callback) => returned.push(pool.query('select 1 as n', callback))),
      await told((callback) => returned.push(pool.query('select $1::int as n', [1], callback))),
      await told((callback) => returned.push(pool.query({ text: 'select $1::int as n', values: [1] }, callback))),
      await told((callback) => returned.push(pool.query('select 1 as n', undefined as never, callback))),
    ]
    for (const [error, result] of words) {
      expect(error).toBeUndefined()
      expect((result as QueryResult).rows).toEqual([{ n: 1 }])
    }
    expect(returned).toEqual([undefined, undefined, undefined, undefined])
  })

  it('an error, by callback and by promise', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    const [byCallback, ...rest] = await told((callback) => pool.query('select nosuch', callback))
    expect(rest.filter((each) => each !== undefined)).toEqual([])
    const byPromise = await rejection(pool.query('select nosuch'))
    for (const error of [byCallback, byPromise]) {
      expect(error).toBeInstanceOf(pg.DatabaseError)
      expect(error).toMatchObject({ code: '42703', severity: 'ERROR', message: 'column "nosuch" does not exist' })
    }
  })

  it('a callback is told in a later turn, when the pool has its client back', async () => {
    await using opened = open(server().url, { max: 1 })
    const { pool } = opened
    const idle = await new Promise((resolve) => pool.query('select 1', () => resolve(pool.idleCount)))
    expect(idle).toBe(1)
  })

  it('a named statement is prepared once for each client', async () => {
    await using opened = open(server().url, { max: 1 })
    const { pool } = opened
    const prepared = async () => (await pool.query('select name, statement from pg_prepared_statements')).rows
    const config = { name: 'twice', text: 'select $1::int * 2 as n' }
    for (const index of below(3)) {
      expect((await pool.query({ ...config, values: [index] })).rows).toEqual([{ n: index * 2 }])
      expect(await prepared()).toEqual([{ name: 'twice', statement: config.text }])
    }
  })

  it('a name that has another text is refused', async () => {
    await using opened = open(server().url, { max: 1 })
    const { pool } = opened
    await pool.query({ name: 'one', text: 'select 1 as n' })
    const error = await rejection(pool.query({ name: 'one', text: 'select 2 as n' }))
    expect(error.message).toBe("Prepared statements must be unique - 'one' was used for a different statement")
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('rowMode array', async () => {
    await using opened = open(server().url)
    const query = { text: 'select 1 as a, 2 as a, $1::text as b', values: ['x'], rowMode: 'array' as const }
    const { rows, fields } = await opened.pool.query(query)
    expect(rows).toEqual([[1, 2, 'x']])
    expect(fields.map(({ name }) => name)).toEqual(['a', 'a', 'b'])
  })

  it('types of one query', async () => {
    await using opened = open(server().url)
    const types = { getTypeParser: () => (text: string | Buffer) => `<${text}>` } as unknown as pg.CustomTypesConfig
    const { rows } = await opened.pool.query({ text: 'select 1 as n, true as yes', types })
    expect(rows).toEqual([{ n: '<1>', yes: '<t>' }])
    expect((await opened.pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('many statements in one text: a result each', async () => {
    await using opened = open(server().url)
    const results = (await opened.pool.query(
      'create temp table a (n int); insert into a values (1), (2); select n from a; select',
    )) as unknown as QueryResult[]
    expect(results.map(({ command, rowCount, rows }) => [command, rowCount, rows])).toEqual([
      ['CREATE', null, []],
      ['INSERT', 2, []],
      ['SELECT', 2, [{ n: 1 }, { n: 2 }]],
      ['SELECT', 1, [{}]],
    ])
  })

  it('many statements, the second of which fails: nothing of it is there', async () => {
    await using opened = open(server().url, { max: 1 })
    const { pool } = opened
    await pool.query('drop table if exists halves; create table halves (n int)')
    expect(await rejection(pool.query('insert into halves values (1); select nosuch'))).toMatchObject({ code: '42703' })
    expect((await pool.query('select from halves')).rowCount).toBe(0)
  })

  it('an empty text, with or without values', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    for (const text of ['', ' ', ';', '-- nothing']) {
      expect(await pool.query(text)).toMatchObject({ rows: [], fields: [], command: null, rowCount: null })
    }
    expect(await pool.query({ name: 'empty', text: '' })).toMatchObject({ rows: [], command: null })
  })

  it('what is no query is refused as pg refuses it, and the pool goes on', async () => {
    await using opened = open(server().url, { max: 1 })
    await using plain = plainPool.open(server().url, { max: 1 })
    for (const query of [null, undefined, {}, 5, { text: 5 }, { values: [1] }]) {
      const [error, expected] = await Promise.all(
        [opened, plain].map(({ pool }) => rejection(pool.query(query as unknown as string))),
      )
      expect(error?.message).toBe(expected?.message)
      expect(error?.constructor).toBe(expected?.constructor)
      expect((await opened.pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    }
  })

  it('what is no query, with a callback', async () => {
    await using opened = open(server().url, { max: 1 })
    const { pool } = opened
    for (const query of [null, {}] as unknown as string[]) {
      const [error] = await told((callback) => pool.query(query, callback))
      expect(error).toBeInstanceOf(Error)
    }
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('values that are no array are refused', async () => {
    await using opened = open(server().url)
    const query = opened.pool.query({ text: 'select $1::int', values: 'abc' as never })
    expect((await rejection(query)).message).toBe('Query values must be an array')
  })

  it('a function in place of the query is told so', async () => {
    await using opened = open(server().url)
    const [error] = await told((callback) => opened.pool.query(callback as unknown as string))
    expect(error).toMatchObject({
      message: 'Passing a function as the first parameter to pool.query is not supported',
    })
  })

  it.skipIf(isPlain && isBrittle)('a value that cannot be prepared rejects, and the pool goes on', async () => {
    await using opened = open(server().url, { max: 1 })
    const { pool } = opened
    const value = {
      toPostgres() {
        throw new Error('not today')
      },
    }
    expect((await rejection(pool.query('select $1::text', [value]))).message).toBe('not today')
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it.skipIf(isBrittle)('circular json rejects', async () => {
    await using opened = open(server().url)
    const value: Record<string, unknown> = {}
    value.self = value
    expect(await rejection(opened.pool.query('select $1::json', [value]))).toBeInstanceOf(Error)
  })

  it('a type parser that throws rejects, and the pool goes on', async () => {
    await using opened = open(server().url, { max: 1 })
    const { pool } = opened
    const getTypeParser = () => () => {
      throw new Error('cannot read')
    }
    const types = { getTypeParser } as unknown as pg.CustomTypesConfig
    expect((await rejection(pool.query({ text: 'select 1', types }))).message).toBe('cannot read')
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('1,000 at a time are answered each with its own', async () => {
    await using opened = open(server().url)
    const results = await Promise.all(below(1000).map((n) => opened.pool.query('select $1::int as n', [n])))
    expect(results.map(({ rows }) => rows[0].n)).toEqual(below(1000))
    expect(opened.pool.totalCount).toBe(10)
  })

  it('with one client they go in the order in which they came', async () => {
    await using opened = open(server().url, { max: 1 })
    const order: number[] = []
    const one = async (n: number) => {
      await opened.pool.query('select $1::int', [n])
      order.push(n)
    }
    await Promise.all(below(50).map(one))
    expect(order).toEqual(below(50))
  })

  it('rows of many kinds of command', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    await pool.query('drop table if exists rows; create table rows (id serial, text text)')
    const inserted = await pool.query("insert into rows (text) values ('a'), ('b') returning id, text")
    expect(inserted).toMatchObject({ command: 'INSERT', rowCount: 2 })
    expect(inserted.rows).toEqual([
      { id: 1, text: 'a' },
      { id: 2, text: 'b' },
    ])
    expect(await pool.query("update rows set text = 'c'")).toMatchObject({ command: 'UPDATE', rowCount: 2 })
    expect(await pool.query('delete from rows where id = $1', [1])).toMatchObject({ command: 'DELETE', rowCount: 1 })
    expect(await pool.query('truncate rows')).toMatchObject({ command: 'TRUNCATE', rowCount: null })
  })

  it('100,000 rows, and a value of 5 MB', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    expect((await pool.query('select generate_series(1, 100000) as n')).rows).toHaveLength(100_000)
    const long = 'long '.repeat(1_000_000)
    const { rows } = await pool.query('select $1::text as text', [long])
    expect(rows[0].text === long).toBe(true)
  })

  it('queryMode extended', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    const extended = { text: 'select 1 as n', queryMode: 'extended' }
    expect((await pool.query(extended)).rows).toEqual([{ n: 1 }])
  })

  // It asks for rows in bytes, which the oldest pg cannot read.
  it.skipIf(isBrittle)('binary', async () => {
    await using opened = open(server().url)
    const query = { text: 'select $1::text as text', values: ['a'], binary: true }
    expect((await opened.pool.query(query)).rows).toEqual([{ text: 'a' }])
  })

  it('rows: a portal read in parts', async () => {
    await using opened = open(server().url)
    const query = { text: 'select generate_series(1, 10) as n', rows: 3 }
    expect((await opened.pool.query(query)).rows.map(({ n }) => n)).toEqual(below(10).map((n) => n + 1))
  })

  it('COPY in and out needs a stream, and is refused as pg refuses it', async () => {
    await using opened = open(server().url)
    await using plain = plainPool.open(server().url)
    const copyOut = (pool: pg.Pool) => pool.query('copy (select 1) to stdout')
    const [result, expected] = await Promise.all([opened, plain].map(({ pool }) => copyOut(pool)))
    expect(result).toMatchObject({ command: expected?.command, rowCount: expected?.rowCount })
    expect(await rejection(opened.pool.query('create temp table c (n int); copy c from stdin'))).toBeInstanceOf(Error)
  })
})
