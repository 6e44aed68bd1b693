import { expect, test } from 'vitest'
import { freePort, startRedis } from '../src/index.ts'
import { connectTo } from './tcp.ts'

test('starts, answers PING, and runs commands', async () => {
  await using server = await startRedis()
  expect(server).toMatchObject({ name: 'redis', state: 'running', url: `redis://127.0.0.1:${server.port}` })
  const client = await connectTo(server.port)
  client.socket.write('PING\r\n')
  await client.reads('+PONG\r\n')
  expect(await server.role()).toBe('primary')
  expect(await server.command('SET', 'key', 'two  words\nand "é" ')).toBe('OK')
  expect(await server.command('GET', 'key')).toBe('two  words\nand "é" ')
  expect(await server.command('GET', 'nothing')).toBe('')
  expect(await server.command('MGET', 'nothing', 'key')).toBe('\ntwo  words\nand "é" ')
  expect(await server.command('DBSIZE')).toBe('1')
  client.socket.destroy()
})

test('a refusal, and a server that is not there, reject', async () => {
  await using server = await startRedis()
  await expect(server.command('DANCE')).rejects.toThrow("redis-cli failed: ERR unknown command 'DANCE'")
  await server.kill()
  await expect(server.command('PING')).rejects.toThrow('Could not connect to Redis')
})

test('killed it loses its data; restarted it is empty, on the same port', async () => {
  await using server = await startRedis()
  await server.command('SET', 'key', 'value')
  const { pid, port } = server
  await server.kill()
  await server.restart()
  expect(server).toMatchObject({ state: 'running', port })
  expect(server.pid).not.toBe(pid)
  expect(await server.command('DBSIZE')).toBe('0')
})

test('with args it keeps its data: they are in its own folder', async () => {
  await using server = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] })
  await server.command('SET', 'key', 'value')
  await server.kill()
  await server.restart()
  expect(await server.command('GET', 'key')).toBe('value')
})

test('args may be made from the port, and cliArgs tell how to ask then', async () => {
  const port = await freePort()
  const args = (own: number) => ['--requirepass', `secret-${own}`]
  await using server = await startRedis({ port, args, cliArgs: ['-a', `secret-${port}`, '--no-auth-warning'] })
  expect(await server.command('PING')).toBe('PONG')
  const client = await connectTo(server.port)
  client.socket.write('PING\r\n')
  await client.reads('-NOAUTH Authentication required.\r\n')
  client.socket.destroy()
})

test('freeze: accepts and does not answer; thaw: answers', async () => {
  await using server = await startRedis()
  await server.freeze()
  const client = await connectTo(server.port)
  client.socket.write('PING\r\n')
  await server.thaw()
  await client.reads('+PONG\r\n')
  client.socket.destroy()
})

test('what it says when it does not start is in the error', async () => {
  await expect(startRedis({ args: ['--no-such-setting', '1'] })).rejects.toThrow(
    /^redis did not start: it exited with exit code 1\n.*Bad directive or wrong number of arguments/s,
  )
})

test('its folder is gone after dispose', async () => {
  const server = await startRedis()
  const folder = (await server.command('CONFIG', 'GET', 'dir')).split('\n')[1] ?? ''
  expect(folder).toContain('tourniquet-redis-')
  await server[Symbol.asyncDispose]()
  await expect(server.restart()).rejects.toThrow('does its cwd exist')
})

const wrong = (value: unknown): never => value as never

test.each([
  [wrong(null), 'options must be an object; got null'],
  [{ name: '' }, 'name must be a string of one line that is not empty'],
  [{ port: 0 }, 'port must be a port from 1 to 65535'],
  [{ args: wrong('--save') }, 'args must be an array of strings, or a function from the port to one'],
  [{ args: wrong([1]) }, 'args must be an array of strings, or a function from the port to one'],
  [{ cliArgs: wrong('-a') }, 'cliArgs must be an array of strings'],
  [{ startTimeoutMs: -1 }, 'startTimeoutMs must be milliseconds'],
])('refuses %o', async (options, message) => {
  await expect(startRedis(options)).rejects.toThrow(TypeError)
  await expect(startRedis(options)).rejects.toThrow(message)
})

test.each([
  [wrong(undefined), 'primary.host must be a string of one line'],
  [{ host: '127.0.0.1', port: 0 }, 'primary.port must be a port'],
])('replicates nobody at %o', async (primary, message) => {
  await using server = await startRedis()
  await expect(server.replicate(primary)).rejects.toThrow(message)
  expect(await server.role()).toBe('primary')
})
