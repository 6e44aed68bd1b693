import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkWithHAProxy, freePort, startHAProxy, startLineServer } from '../src/index.ts'
import { connectTo } from './tcp.ts'

const defaults = 'defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 5s\n  timeout server 5s\n'

test('it listens once it has started, passes on what comes, and answers on its stats socket', async () => {
  await using behind = await startLineServer()
  await using haproxy = await startHAProxy({
    config: (port, folder) =>
      `global\n  stats socket ${folder}/admin.sock level admin\n${defaults}` +
      `listen l\n  bind 127.0.0.1:${port}\n  server s 127.0.0.1:${behind.port}\n`,
  })
  const client = await connectTo(haproxy.port)
  client.socket.destroy()
  expect(await haproxy.admin('show stat')).toContain('\nl,s,')
  const { folder } = haproxy
  expect(existsSync(folder)).toBe(true)
  await haproxy[Symbol.asyncDispose]()
  expect([haproxy.state, existsSync(folder)]).toEqual(['stopped', false])
})

test('of a text it takes the port of its first bind', async () => {
  const port = await freePort()
  await using haproxy = await startHAProxy({ config: `${defaults}listen l\n  bind 127.0.0.1:${port}\n` })
  expect(haproxy.port).toBe(port)
  await expect(haproxy.admin('show info')).rejects.toThrow("no 'stats socket'")
})

test('a configuration that it refuses: its own words', async () => {
  const config = (port: number): string => `${defaults}listen l\n  bind 127.0.0.1:${port}\n  nonsense\n`
  await expect(startHAProxy({ config })).rejects.toThrow("unknown keyword 'nonsense'")
  const port = await freePort()
  expect(await checkWithHAProxy(config(port))).toMatchObject({
    valid: false,
    output: expect.stringContaining('[haproxy.cfg:8]'),
  })
  const fine = `${defaults}listen l\n  bind 127.0.0.1:${port}\n`
  expect(await checkWithHAProxy(fine)).toMatchObject({ valid: true })
})

test.each([
  ['options', undefined],
  ['config', { config: 5 }],
  ['config', { config: defaults }],
  ['port', { config: '', port: 0 }],
  ['args', { config: '', args: 'x' }],
])('a bad option is named: %s', async (name, options) => {
  await expect(startHAProxy(options as never)).rejects.toThrow(new RegExp(`^${name} must be`))
})
