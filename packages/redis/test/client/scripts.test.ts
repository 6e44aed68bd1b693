import type { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { below, oneServer, rejection, subjects, told } from './subjects.ts'

const server = oneServer()

interface Scripted {
  push(key: string, value: string, callback?: (error: Error | null, reply: unknown) => void): Promise<number>
  pushBuffer(key: string, value: string): Promise<unknown>
}

/** Adds to a list; replies with what is in it. */
function withPush<T extends Redis>(client: T): T & Scripted {
  client.defineCommand('push', {
    numberOfKeys: 1,
    lua: "redis.call('RPUSH', KEYS[1], ARGV[1]) return redis.call('LRANGE', KEYS[1], 0, -1)",
  })
  return client as T & Scripted
}

const sent = async (command: string) => {
  const line = (await server().command('INFO', 'commandstats'))
    .split('\n')
    .find((each) => each.startsWith(`cmdstat_${command}:`))
  return Number(/calls=(\d+)/.exec(line ?? '')?.[1] ?? 0)
}

describe.each(subjects)('scripts of $name', ({ open }) => {
  it('defineCommand makes a method', async () => {
    await using opened = open(server().url)
    const client = withPush(opened.client)
    expect(await client.push('list', 'a')).toEqual(['a'])
    expect(await client.push('list', 'b')).toEqual(['a', 'b'])
    expect(await client.pushBuffer('list', 'c')).toEqual([Buffer.from('a'), Buffer.from('b'), Buffer.from('c')])
    expect(await told((callback) => client.push('list', 'd', callback))).toEqual([null, ['a', 'b', 'c', 'd']])
  })

  it('its text goes once, then its hash, and its text again where the server has forgotten it', async () => {
    await using opened = open(server().url)
    const client = withPush(opened.client)
    await server().command('CONFIG', 'RESETSTAT')
    await client.push('list', 'a')
    await client.push('list', 'b')
    const before = await sent('eval')
    await server().command('SCRIPT', 'FLUSH')
    expect(await client.push('list', 'c')).toEqual(['a', 'b', 'c'])
    expect([before, await sent('eval')]).toEqual([1, 2])
  })

  it('without numberOfKeys it is the first argument', async () => {
    await using opened = open(server().url)
    opened.client.defineCommand('parts', { lua: 'return {#KEYS, #ARGV}' })
    const client = opened.client as unknown as { parts(...words: unknown[]): Promise<unknown> }
    expect(await client.parts(2, 'a', 'b', 'c')).toEqual([2, 1])
  })

  it('in a pipeline, which loads what the server does not know', async () => {
    await using opened = open(server().url)
    const client = withPush(opened.client)
    const pipeline = client.pipeline() as unknown as { push(key: string, value: string): typeof pipeline } & {
      exec(): Promise<unknown>
    }
    for (const index of below(3)) pipeline.push('list', String(index))
    expect(await pipeline.exec()).toEqual([
      [null, ['0']],
      [null, ['0', '1']],
      [null, ['0', '1', '2']],
    ])
    await server().command('SCRIPT', 'FLUSH')
    const again = client.pipeline() as unknown as typeof pipeline
    again.push('list', '3')
    expect(await again.exec()).toEqual([[null, ['0', '1', '2', '3']]])
  })

  it('an error of a script is its own', async () => {
    await using opened = open(server().url)
    opened.client.defineCommand('wrong', { numberOfKeys: 0, lua: 'return redis.error_reply("MINE is wrong")' })
    const client = opened.client as unknown as { wrong(): Promise<unknown> }
    expect(await rejection(client.wrong())).toMatchObject({
      name: 'ReplyError',
      message: expect.stringMatching(/^MINE is wrong/),
    })
  })

  it('100 at once, of which each runs once', async () => {
    await using opened = open(server().url)
    const client = withPush(opened.client)
    const lengths = await Promise.all(
      below(100).map(async (index) => ((await client.push('list', String(index))) as unknown as string[]).length),
    )
    expect(lengths).toEqual(below(100).map((index) => index + 1))
  })

  it('eval, evalsha and script', async () => {
    await using opened = open(server().url)
    const { client } = opened
    expect(await client.eval('return {KEYS[1], ARGV[1]}', 1, 'a', 'b')).toEqual(['a', 'b'])
    const sha = (await client.script('LOAD', 'return 42')) as string
    expect(await client.evalsha(sha, 0)).toBe(42)
    expect(await client.script('EXISTS', sha, '0'.repeat(40))).toEqual([1, 0])
    expect(await rejection(client.evalsha('0'.repeat(40), 0))).toMatchObject({
      message: expect.stringMatching(/^NOSCRIPT/),
    })
  })

  it('a duplicate does not have the commands that its original was given later', async () => {
    await using opened = open(server().url)
    const client = withPush(opened.client)
    const other = opened.own(client.duplicate())
    expect((other as unknown as Partial<Scripted>).push).toBeUndefined()
  })
})
