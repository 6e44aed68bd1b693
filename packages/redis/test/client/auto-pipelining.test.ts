import { describe, expect, it, vi } from 'vitest'
import { below, oneServer, subjects, told } from './subjects.ts'

const server = oneServer()

describe.each(subjects)('auto-pipelining of $name', ({ open }) => {
  it('puts the commands of a tick into one write', async () => {
    await using opened = open(server().url, { enableAutoPipelining: true })
    const { client } = opened
    await client.ping()
    const write = vi.spyOn(client.stream, 'write')
    const numbers = await Promise.all(below(100).map(() => client.incr('number')))
    expect(numbers).toEqual(below(100).map((index) => index + 1))
    expect(write).toHaveBeenCalledTimes(1)
    expect(client.autoPipelineQueueSize).toBe(0)
  })

  it('has an error for the one it is of', async () => {
    await using opened = open(server().url, { enableAutoPipelining: true })
    const { client } = opened
    await client.set('text', 'a')
    const results = await Promise.allSettled([client.get('text'), client.incr('text'), client.getBuffer('text')])
    expect(results).toEqual([
      { status: 'fulfilled', value: 'a' },
      { status: 'rejected', reason: expect.objectContaining({ name: 'ReplyError' }) },
      { status: 'fulfilled', value: Buffer.from('a') },
    ])
  })

  it('tells callbacks, runs scripts, and leaves autoPipeliningIgnoredCommands out', async () => {
    await using opened = open(server().url, { enableAutoPipelining: true, autoPipeliningIgnoredCommands: ['ping'] })
    const { client } = opened
    client.defineCommand('twice', { numberOfKeys: 0, lua: 'return ARGV[1] * 2' })
    const scripted = client as unknown as { twice(number: number): Promise<number> }
    const set = told((callback) => client.set('text', 'a', callback))
    const sizes = [client.autoPipelineQueueSize]
    const pong = client.ping()
    sizes.push(client.autoPipelineQueueSize)
    expect([await set, await pong, await scripted.twice(21)]).toEqual([[null, 'OK'], 'PONG', 42])
    expect(sizes).toEqual([1, 1])
  })

  it('before it is connected', async () => {
    await using opened = open(server().url, { enableAutoPipelining: true, lazyConnect: true })
    const { client } = opened
    expect(await Promise.all([client.set('text', 'a'), client.get('text')])).toEqual(['OK', 'a'])
  })
})
