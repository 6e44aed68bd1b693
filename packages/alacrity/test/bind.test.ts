import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { freePort } from '@tourniquet/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BindConfig } from '../src/config/model.ts'
import { firstTaken } from '../src/control/bind-errors.ts'
import { startAlacrity } from './parts/alacrity.ts'
import { ask } from './parts/ask.ts'
import { isRefused, readAll } from './parts/client.ts'
import { says, startOrigin } from './parts/origin.ts'

const place = { file: 'haproxy.cfg', line: 1 }
const bind = (host: string, port: number): BindConfig => ({
  at: { host, port },
  acceptProxy: false,
  v4v6: false,
  place,
})

const servers: ReturnType<typeof createServer>[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function listen(host: string): Promise<number> {
  const server = createServer()
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return (server.address() as { port: number }).port
}

describe.runIf(process.platform === 'linux')('whether somebody listens there already', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '0.0.0.0', true],
    ['0.0.0.0', '127.0.0.1', true],
    ['127.0.0.2', '127.0.0.1', false],
    ['::1', '::1', true],
    ['::1', '127.0.0.1', false],
    ['::', '127.0.0.1', true],
    ['127.0.0.1', '::1', false],
  ])('on %s, asked for %s: %s', async (host, asked, expected) => {
    expect(firstTaken([bind(asked, await listen(host))]) !== undefined).toBe(expected)
  })

  test('not on a free port', async () => {
    expect(firstTaken([bind('127.0.0.1', await freePort())])).toBe(undefined)
  })
})

test('a frontend that is disabled listens on none of its addresses, one that is enabled again on all', async () => {
  const [one, two, socket, page] = [await freePort(), await freePort(), await freePort(), await freePort()]
  await using origin = await startOrigin(says('a'))
  const config = `global
  hard-stop-after 100ms
  stats socket ipv4@127.0.0.1:${socket} level admin
defaults
  mode tcp
  timeout connect 1s
  timeout client 1s
  timeout server 1s
listen l
  bind 127.0.0.1:${one}
  bind 127.0.0.1:${two}
  server s 127.0.0.1:${origin.port}
listen page
  mode http
  bind 127.0.0.1:${page}
`
  await using _alacrity = await startAlacrity({ port: one, config })
  for (const frontend of ['l', 'page']) await ask(socket, `disable frontend ${frontend}`)
  expect([await isRefused(one), await isRefused(two)]).toEqual([true, true])
  expect(await isRefused(page)).toBe(true)
  for (const frontend of ['l', 'page']) await ask(socket, `enable frontend ${frontend}`)
  expect(await isRefused(page)).toBe(false)
  expect([await readAll(one), await readAll(two)]).toEqual(['a', 'a'])
})

describe('a socket file', () => {
  const config = (port: number, origin: number, folder: string) => `global
  hard-stop-after 100ms
  stats socket ${folder}/admin.sock level admin
defaults
  mode tcp
  timeout connect 1s
  timeout client 1s
  timeout server 1s
listen l
  bind 127.0.0.1:${port}
  bind unix@${folder}/l.sock
  server s 127.0.0.1:${origin}
listen page
  mode http
  bind unix@${folder}/page.sock
  stats enable
`

  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'alacrity-sockets-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('that a killed balancer has left is taken over', async () => {
    const [port, [admin, tcp, page]] = [await freePort(), pathsIn(folder)]
    await using origin = await startOrigin(says('a'))
    await using alacrity = await startAlacrity({ port, config: config(port, origin.port, folder) })
    await alacrity.server.kill()
    expect([admin, tcp, page].every(existsSync)).toBe(true)
    await alacrity.server.restart()
    expect(await text(connect(tcp))).toBe('a')
    expect(await answerOn(admin, 'show info')).toContain('Nbthread')
    expect(await answerOn(page, 'GET /health HTTP/1.0\r\n\r')).toContain('200 OK')
  })

  test('on which somebody answers is left alone', async () => {
    const [port, other, [admin, tcp]] = [await freePort(), await freePort(), pathsIn(folder)]
    await using origin = await startOrigin(says('a'))
    await using _alacrity = await startAlacrity({ port, config: config(port, origin.port, folder) })
    const second = config(other, origin.port, folder).replace(/.*stats socket.*/, '')
    await expect(startAlacrity({ port: other, config: second })).rejects.toThrow(
      /haproxy\.cfg:\d+: bind: somebody answers on .*\.sock: stop the other balancer, or use another path/,
    )
    expect(await text(connect(tcp))).toBe('a')
    expect(await answerOn(admin, 'show info')).toContain('Nbthread')
  })
})

const pathsIn = (folder: string) => [`${folder}/admin.sock`, `${folder}/l.sock`, `${folder}/page.sock`] as const

async function answerOn(path: string, request: string): Promise<string> {
  const socket = connect(path)
  socket.write(`${request}\n`)
  return await text(socket)
}
