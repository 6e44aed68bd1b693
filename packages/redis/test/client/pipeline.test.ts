import { describe, expect, it, vi } from 'vitest'
import { below, oneServer, subjects } from './subjects.ts'

const server = oneServer()

describe.each(subjects)('a pipeline of $name', ({ open }) => {
  it('has an error or a result for each command, in their order', async () => {
    await using opened = open(server().url)
    const results = await opened.client.pipeline().set('text', 'a').incr('text').get('text').hgetall('none').exec()
    expect(results).toEqual([
      [null, 'OK'],
      [expect.objectContaining({ name: 'ReplyError', message: 'ERR value is not an integer or out of range' })],
      [null, 'a'],
      [null, {}],
    ])
  })

  it('of an array of commands', async () => {
    await using opened = open(server().url)
    const results = await opened.client
      .pipeline([
        ['set', 'text', 'a'],
        ['get', 'text'],
        ['mget', ['text', 'none']],
      ])
      .exec()
    expect(results).toEqual([
      [null, 'OK'],
      [null, 'a'],
      [null, ['a', null]],
    ])
  })

  it('tells the callback of a command, and that of exec', async () => {
    await using opened = open(server().url)
    const told: unknown[] = []
    await new Promise<void>((resolve) => {
      void opened.client
        .pipeline()
        .set('text', 'a', (error, reply) => told.push(['set', error, reply]))
        .incr('text', (error) => told.push(['incr', error?.message]))
        .exec((error, results) => {
          told.push(['exec', error, results?.length])
          resolve()
        })
    })
    expect(told).toEqual([
      ['set', null, 'OK'],
      ['incr', 'ERR value is not an integer or out of range'],
      ['exec', null, 2],
    ])
  })

  it('of nested arrays, and of bytes', async () => {
    await using opened = open(server().url)
    const bytes = Buffer.from([0, 255])
    const results = await opened.client
      .pipeline()
      .rpush('list', ...['a', 'b'], bytes)
      .del(['none', 'nobody'])
      .lrangeBuffer('list', 0, -1)
      .exec()
    expect(results).toEqual([
      [null, 3],
      [null, 0],
      [null, [Buffer.from('a'), Buffer.from('b'), bytes]],
    ])
  })

  it('that is empty', async () => {
    await using opened = open(server().url)
    expect(await opened.client.pipeline().exec()).toEqual([])
  })

  it('knows its length', async () => {
    await using opened = open(server().url)
    const pipeline = opened.client.pipeline().get('a').get('b')
    expect(pipeline.length).toBe(2)
    await pipeline.exec()
  })

  it('of 5,000 commands is one write', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.ping()
    const write = vi.spyOn(client.stream, 'write')
    const pipeline = client.pipeline()
    for (const _ of below(5000)) pipeline.incr('number')
    const results = await pipeline.exec()
    expect(results?.map(([error, result]) => [error, result])).toEqual(below(5000).map((index) => [null, index + 1]))
    expect(write).toHaveBeenCalledTimes(1)
  })

  it('before the client is connected', async () => {
    await using opened = open(server().url, { lazyConnect: true })
    const { client } = opened
    const [before, results] = await Promise.all([
      client.set('text', 'a'),
      client.pipeline().get('text').set('text', 'b').exec(),
    ])
    expect([before, results, await client.get('text')]).toEqual([
      'OK',
      [
        [null, 'a'],
        [null, 'OK'],
      ],
      'b',
    ])
  })

  it('with a call, a custom command and a transaction in it', async () => {
    await using opened = open(server().url)
    const { client } = opened
    client.defineCommand('twice', { numberOfKeys: 0, lua: 'return ARGV[1] * 2' })
    const pipeline = client.pipeline()
    pipeline.call('set', 'text', 'a')
    ;(pipeline as unknown as { twice(number: number): void }).twice(21)
    ;(pipeline as unknown as { multi(): void }).multi()
    void pipeline.incr('number').incr('number').exec()
    expect(await pipeline.exec()).toEqual([
      [null, 'OK'],
      [null, 42],
      [null, 'OK'],
      [null, 'QUEUED'],
      [null, 'QUEUED'],
      [null, [1, 2]],
    ])
  })

  it('two at a time do not mix', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const all = await Promise.all(
      below(20).map((index) => client.pipeline().set(`key${index}`, index).get(`key${index}`).exec()),
    )
    expect(all).toEqual(
      below(20).map((index) => [
        [null, 'OK'],
        [null, String(index)],
      ]),
    )
  })
})
