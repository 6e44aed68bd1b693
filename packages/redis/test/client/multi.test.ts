import { describe, expect, it } from 'vitest'
import { oneServer, rejection, subjects, told } from './subjects.ts'

const server = oneServer()

describe.each(subjects)('a transaction of $name', ({ open }) => {
  it('has the results of its commands', async () => {
    await using opened = open(server().url)
    const results = await opened.client.multi().set('text', 'a').hset('hash', { a: 1 }).hgetall('hash').exec()
    expect(results).toEqual([
      [null, 'OK'],
      [null, 1],
      [null, { a: '1' }],
    ])
  })

  it('of an array of commands', async () => {
    await using opened = open(server().url)
    expect(
      await opened.client
        .multi([
          ['set', 'text', 'a'],
          ['get', 'text'],
        ])
        .exec(),
    ).toEqual([
      [null, 'OK'],
      [null, 'a'],
    ])
  })

  it('that is empty', async () => {
    await using opened = open(server().url)
    expect(await opened.client.multi().exec()).toEqual([])
  })

  it('a command that fails in it leaves the others as they are', async () => {
    await using opened = open(server().url)
    const results = await opened.client.multi().set('text', 'a').incr('text').append('text', 'b').exec()
    expect(results).toEqual([
      [null, 'OK'],
      [expect.objectContaining({ message: 'ERR value is not an integer or out of range' })],
      [null, 2],
    ])
  })

  it('EXECABORT, where a command was refused as it was queued', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const error = await rejection(
      client
        .multi()
        .set('text', 'a')
        .set('text', 'b', 'nonsense' as 'EX', 1)
        .call('nosuch')
        .exec(),
    )
    expect(error).toMatchObject({
      name: 'ReplyError',
      message: 'EXECABORT Transaction discarded because of previous errors.',
      previousErrors: [expect.objectContaining({ message: expect.stringContaining('unknown command') })],
    })
    expect(await client.get('text')).toBeNull()
  })

  it('tells the callback of exec', async () => {
    await using opened = open(server().url)
    const transaction = opened.client.multi().set('text', 'a')
    expect(await told((callback) => transaction.exec(callback))).toEqual([null, [[null, 'OK']]])
  })

  it('a command of it tells its own callback that it is queued', async () => {
    await using opened = open(server().url)
    const told: unknown[] = []
    await opened.client
      .multi()
      .set('text', 'a', (...tell) => told.push(tell))
      .exec()
    expect(told).toEqual([[null, 'QUEUED']])
  })

  it('{ pipeline: false }', async () => {
    await using opened = open(server().url)
    const { client } = opened
    expect(await client.multi({ pipeline: false })).toBe('OK')
    expect(await client.set('text', 'a')).toBe('QUEUED')
    expect(await client.get('text')).toBe('QUEUED')
    expect(await client.exec()).toEqual([
      [null, 'OK'],
      [null, 'a'],
    ])
    expect(await client.get('text')).toBe('a')
  })

  it('{ pipeline: false }, then DISCARD', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.multi({ pipeline: false })
    await client.set('text', 'a')
    expect(await client.discard()).toBe('OK')
    expect(await client.get('text')).toBeNull()
    expect(await rejection(client.exec())).toMatchObject({ message: 'ERR EXEC without MULTI' })
  })

  it('{ pipeline: false }, sent all at once', async () => {
    await using opened = open(server().url)
    const { client } = opened
    void client.multi({ pipeline: false })
    void client.set('text', 'a')
    void client.incr('number')
    expect(await client.exec()).toEqual([
      [null, 'OK'],
      [null, 1],
    ])
  })

  it('is null where what was watched has changed', async () => {
    await using opened = open(server().url)
    const { client } = opened
    expect(await client.watch('text')).toBe('OK')
    await server().command('SET', 'text', 'other')
    expect(await client.multi().set('text', 'mine').exec()).toBeNull()
    expect(await client.get('text')).toBe('other')
  })

  it('is done where what was watched is as it was, or is no longer watched', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.watch('text')
    expect(await client.multi().set('text', 'mine').exec()).toEqual([[null, 'OK']])
    await client.watch('text')
    await server().command('SET', 'text', 'other')
    expect(await client.unwatch()).toBe('OK')
    expect(await client.multi().set('text', 'mine').exec()).toEqual([[null, 'OK']])
  })

  it('results as bytes', async () => {
    await using opened = open(server().url)
    const bytes = Buffer.from([0, 255])
    const results = await opened.client.multi().set('bytes', bytes).getBuffer('bytes').exec()
    expect(results).toEqual([
      [null, 'OK'],
      [null, bytes],
    ])
  })

  it('of custom commands', async () => {
    await using opened = open(server().url)
    const { client } = opened
    client.defineCommand('twice', { numberOfKeys: 0, lua: 'return ARGV[1] * 2' })
    const transaction = client.multi() as unknown as { twice(number: number): { exec(): Promise<unknown> } }
    expect(await transaction.twice(21).exec()).toEqual([[null, 42]])
  })
})
