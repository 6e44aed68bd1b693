import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { freePort, startLineServer, waitFor } from '@tourniquet/testkit'
import { describe, expect, test } from 'vitest'
import { startAlacrity } from '../parts/alacrity.ts'
import { ask, rowOf } from '../parts/ask.ts'
import { Client, readAll } from '../parts/client.ts'
import { echoes, says, startOrigin } from '../parts/origin.ts'

const head = (socket: number) => `global
  hard-stop-after 100ms
  stats socket ipv4@127.0.0.1:${socket} level admin
defaults
  mode tcp
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  option redispatch
`

/** Resident memory, in MB. */
function residentMB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024
}

describe('faults', () => {
  test('a server that is killed under load costs the connections it held, and no other', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    await using a = await startLineServer({ name: 'a' })
    await using b = await startOrigin(echoes)
    const config = `${head(socket)}
listen l
  bind 127.0.0.1:${front}
  server a 127.0.0.1:${a.port} check inter 200ms
  server b 127.0.0.1:${b.port} check inter 200ms
`
    await using _alacrity = await startAlacrity({ port: front, config })
    const clients = Array.from({ length: 60 }, () => new Client(front))
    await waitFor(async () => Number((await rowOf(socket, 'BACKEND')).scur) === 60, { what: 'sixty sessions' })
    const held = Number((await rowOf(socket, 'a')).scur)
    await a.kill()
    // New ones get the other server at once, though no check has seen anything yet.
    for (let at = 0; at < 10; at++) {
      const late = new Client(front)
      late.socket.end('still here')
      expect((await late.over).text).toBe('still here')
    }
    await waitFor(() => clients.filter(({ isOver }) => isOver).length === held, { what: 'the ends of those it held' })
    expect(held).toBeGreaterThan(20)
    for (const client of clients.filter(({ isOver }) => !isOver)) client.socket.end('alive')
    await waitFor(() => clients.filter(({ received }) => received === 'alive').length === 60 - held, {
      what: 'the others',
    })
  })

  test('without files left it goes on with what it has, and recovers', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    await using origin = await startOrigin(echoes)
    const config = `${head(socket).replace('global', 'global\n  maxconn 100000')}
listen l
  bind 127.0.0.1:${front}
  server s 127.0.0.1:${origin.port}
`
    await using alacrity = await startAlacrity({ port: front, config })
    const pid = alacrity.server.pid as number
    const early = new Client(front)
    early.socket.write('early')
    await waitFor(() => early.received === 'early', { what: 'an echo' })
    // The limit is lowered from outside: as if everything else had used the files up.
    const open = readdirCount(pid)
    execFileSync('prlimit', [`--pid=${pid}`, `--nofile=${open + 20}:${open + 20}`])
    const some = Array.from({ length: 60 }, () => new Client(front))
    await waitFor(() => some.filter(({ isOver }) => isOver).length >= 40, {
      timeoutMs: 20_000,
      what: 'connections that find no room',
    })
    early.socket.write(' and on')
    await waitFor(() => early.received === 'early and on', { what: 'an echo without files' })
    for (const { socket: client } of some) client.destroy()
    await waitFor(async () => (await rowOf(socket, 'FRONTEND').catch(() => ({ scur: '' }))).scur === '1', {
      what: 'the others gone',
    })
    const late = new Client(front)
    late.socket.end('late')
    expect(await late.over).toEqual({ text: 'late', how: 'end' })
    early.socket.destroy()
  })

  test('a client that never sends its PROXY header is cut by its time-out', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    await using origin = await startOrigin(says('hello'))
    const config = `${head(socket).replace('timeout client 60s', 'timeout client 400ms')}
listen l
  bind 127.0.0.1:${front} accept-proxy
  server s 127.0.0.1:${origin.port}
`
    await using _alacrity = await startAlacrity({ port: front, config })
    const began = performance.now()
    const slow = Array.from({ length: 100 }, () => new Client(front))
    // A byte now and then does not help.
    const dripping = setInterval(() => {
      for (const { socket: client } of slow) client.write('P')
    }, 100)
    await Promise.all(slow.map(({ over }) => over))
    clearInterval(dripping)
    expect(performance.now() - began).toBeLessThan(20_000)
    const fine = new Client(front)
    fine.socket.write('PROXY UNKNOWN\r\n')
    expect((await fine.over).text).toBe('hello')
    expect(origin.accepted).toHaveLength(1)
  })

  test('a hundred writers to readers that do not read: memory is bounded, and all is delivered in the end', {
    timeout: 120_000,
  }, async () => {
    const [front, socket] = [await freePort(), await freePort()]
    const size = 3_000_000
    await using origin = await startOrigin((client) => client.end(Buffer.alloc(size, 'z')))
    const config = `${head(socket)}
listen l
  bind 127.0.0.1:${front}
  server s 127.0.0.1:${origin.port}
`
    await using alacrity = await startAlacrity({ port: front, config })
    const pid = alacrity.server.pid as number
    await readAll(front)
    const before = residentMB(pid)
    const readers: Socket[] = Array.from({ length: 100 }, () => {
      const reader = connect(front, '127.0.0.1')
      reader.on('error', () => {})
      reader.pause()
      return reader
    })
    await waitFor(async () => (await rowOf(socket, 's')).scur === '100', { what: 'a hundred sessions' })
    await settled(() => residentMB(pid))
    const grown = residentMB(pid) - before
    // 192 KB for each, and 64 MB.
    expect(grown).toBeLessThan(64 + (100 * 192) / 1_024)
    const sizes = await Promise.all(readers.map(async (reader) => await bytesOf(reader)))
    expect(sizes.filter((bytes) => bytes !== size)).toEqual([])
  })

  test('a thousand servers start promptly, and are all checked', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    await using origin = await startOrigin(says('ok'))
    const server = (_: unknown, at: number) => `  server s${at} 127.0.0.1:${origin.port} check inter 1s\n`
    const config = (length: number) =>
      `${head(socket)}\nlisten l\n  bind 127.0.0.1:${front}\n${Array.from({ length }, server).join('')}`
    const beganOne = performance.now()
    const one = await startAlacrity({ port: front, config: config(1) })
    const oneMs = performance.now() - beganOne
    await one[Symbol.asyncDispose]()
    const began = performance.now()
    await using _alacrity = await startAlacrity({ port: front, config: config(1_000) })
    // Node itself takes its time to start.
    expect(performance.now() - began - oneMs).toBeLessThan(8_000)
    expect(await readAll(front)).toBe('ok')
    const checked = async () =>
      (await ask(socket, 'show stat')).split('\n').filter((line) => line.includes('L4OK')).length
    await waitFor(async () => (await checked()) === 1_000, {
      timeoutMs: 40_000,
      intervalMs: 250,
      what: 'a thousand checks',
    })
  })
})

function readdirCount(pid: number): number {
  return Number(execFileSync('sh', ['-c', `ls /proc/${pid}/fd | wc -l`], { encoding: 'utf8' }))
}

/** Until a number no longer grows. */
async function settled(value: () => number): Promise<void> {
  let last = -1
  await waitFor(
    () => {
      const now = value()
      const isSame = Math.abs(now - last) < 0.5
      last = now
      return isSame
    },
    { timeoutMs: 20_000, intervalMs: 300, what: 'a steady memory' },
  )
}

async function bytesOf(reader: Socket): Promise<number> {
  let bytes = 0
  reader.on('data', (chunk) => {
    bytes += chunk.length
  })
  reader.resume()
  await new Promise((resolve) => reader.once('close', resolve))
  return bytes
}
