import { expect, test } from 'vitest'
import { type RedisServer, startProxy, startRedis, startRedisPair, waitFor } from '../src/index.ts'
import { connectTo } from './tcp.ts'

async function has(server: RedisServer, key: string, value: string): Promise<void> {
  await waitFor(async () => (await server.command('GET', key)) === value, { what: `${key} to be ${value}` })
}

test('what the primary takes the replica has, and it takes no writes itself', async () => {
  await using pair = await startRedisPair()
  const { primary, replica } = pair
  expect([primary.name, replica.name]).toEqual(['primary', 'replica'])
  expect([await primary.role(), await replica.role()]).toEqual(['primary', 'replica'])
  await primary.command('SET', 'key', 'value')
  await has(replica, 'key', 'value')
  await expect(replica.command('SET', 'key', 'other')).rejects.toThrow('READONLY')
})

test('in sync means with all that was there before', async () => {
  await using primary = await startRedis()
  await using replica = await startRedis()
  await primary.command('SET', 'key', 'value')
  await replica.command('SET', 'own', 'forgotten')
  await replica.replicate(primary)
  expect(await replica.command('KEYS', '*')).toBe('key')
})

test('the primary is killed, the replica promoted, the old primary becomes its replica', async () => {
  await using pair = await startRedisPair()
  const { primary, replica } = pair
  await primary.command('SET', 'key', 'value')
  await has(replica, 'key', 'value')
  await primary.kill()
  await replica.promote()
  await replica.promote()
  expect(await replica.role()).toBe('primary')
  expect(await replica.command('SET', 'key', 'newer')).toBe('OK')
  await primary.restart()
  await primary.replicate(replica)
  expect(await primary.role()).toBe('replica')
  expect(await primary.command('GET', 'key')).toBe('newer')
})

test('demoted it keeps its connections, and refuses the writes that come by them', async () => {
  await using pair = await startRedisPair()
  const { primary, replica } = pair
  const client = await connectTo(primary.port)
  client.socket.write('SET key value\r\n')
  await client.reads('+OK\r\n')
  await has(replica, 'key', 'value')
  await replica.promote()
  await primary.replicate(replica)
  client.socket.write('SET key other\r\n')
  await waitFor(() => client.text.startsWith('+OK\r\n-READONLY'))
  client.socket.destroy()
})

test('a replica that was killed is one again after a restart, a promoted one is a primary', async () => {
  await using pair = await startRedisPair()
  const { primary, replica } = pair
  await replica.kill()
  await primary.command('SET', 'key', 'value')
  await replica.restart()
  expect(await replica.role()).toBe('replica')
  await has(replica, 'key', 'value')
  await replica.promote()
  await replica.restart()
  expect(await replica.role()).toBe('primary')
})

test('replicates through a fault proxy, and catches up after a cut', async () => {
  await using primary = await startRedis()
  await using replica = await startRedis()
  const proxy = await startProxy(primary.url)
  await replica.replicate(proxy)
  await proxy.refuse()
  proxy.cut()
  await primary.command('SET', 'key', 'value')
  expect(await replica.command('GET', 'key')).toBe('')
  await proxy.pass()
  await has(replica, 'key', 'value')
  await replica.promote()
  await proxy.close()
})
