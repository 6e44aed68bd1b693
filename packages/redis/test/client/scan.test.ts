import type { Readable } from 'node:stream'
import type { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { below, oneServer, subjects } from './subjects.ts'

const server = oneServer()
const COUNT = 1000
const names = below(COUNT).map((index) => `key:${index}`)

async function fill(client: Redis): Promise<void> {
  const pipeline = client.pipeline().set('other', '')
  for (const name of names) pipeline.set(name, '').hset('hash', name, 'a').sadd('set', name).zadd('sorted', 1, name)
  await pipeline.exec()
}

async function all<T = string>(stream: Readable): Promise<T[]> {
  const parts: T[][] = []
  for await (const part of stream) parts.push(part as T[])
  return parts.flat()
}

/** Every other one, from the first. */
const everyOther = (words: readonly string[]) => words.filter((_, index) => index % 2 === 0)
/** A scan may say a thing twice. */
const distinct = (words: readonly string[]) => [...new Set(words)].sort()
const expected = [...names].sort()

describe.each(subjects)('scans of $name', ({ open }) => {
  it('scanStream finds all keys', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await fill(client)
    const found = await all(client.scanStream({ match: 'key:*', count: 200 }))
    expect(distinct(found)).toEqual(expected)
    expect(distinct(await all(client.scanStream({ type: 'hash' })))).toEqual(['hash'])
    const bytes = await all<Buffer>(client.scanBufferStream({ match: 'key:1', count: 1000 }))
    expect(bytes).toEqual([Buffer.from('key:1')])
  })

  it('hscanStream, sscanStream and zscanStream find all members', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await fill(client)
    const fields = await all(client.hscanStream('hash', { count: 200 }))
    expect(distinct(everyOther(fields))).toEqual(expected)
    expect(distinct(await all(client.sscanStream('set', { count: 200 })))).toEqual(expected)
    expect(distinct(everyOther(await all(client.zscanStream('sorted', { count: 200 }))))).toEqual(expected)
  })

  it('scan by hand, with the cursor that it gives', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await fill(client)
    const found: string[] = []
    let cursor = '0'
    do {
      const [next, keys] = await client.scan(cursor, 'COUNT', 100)
      found.push(...keys)
      cursor = next
    } while (cursor !== '0')
    expect(distinct(found)).toHaveLength(COUNT + 4)
  })

  it('a stream that is closed asks no more', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await fill(client)
    await server().command('CONFIG', 'RESETSTAT')
    const stream = client.scanStream({ count: 10 })
    stream.once('data', () => stream.close())
    await all(stream)
    const stats = await server().command('INFO', 'commandstats')
    expect(Number(/cmdstat_scan:calls=(\d+)/.exec(stats)?.[1])).toBeLessThan(10)
  })
})
