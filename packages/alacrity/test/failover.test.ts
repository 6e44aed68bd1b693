import { freePort, startLineServer, waitFor } from '@tourniquet/testkit'
import { describe, expect, test } from 'vitest'
import { startAlacrity } from './parts/alacrity.ts'
import { ask, rowOf } from './parts/ask.ts'
import { Client, readAll } from './parts/client.ts'
import { says, startOrigin, stays } from './parts/origin.ts'

const config = (front: number, socket: number, servers: string, more = '') => `global
  hard-stop-after 100ms
  stats socket ipv4@127.0.0.1:${socket} level admin
defaults
  mode tcp
  timeout connect 1s
  timeout client 10s
  timeout server 10s
listen l
  bind 127.0.0.1:${front}
  balance failover
  ${more}
${servers}`

describe('balance failover', () => {
  test('all go to one; when it is gone all go to the next, and stay there when it is back', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    const a = await startOrigin(says('a'))
    await using b = await startOrigin(says('b'))
    const servers = `  server a 127.0.0.1:${a.port}\n  server b 127.0.0.1:${b.port}\n`
    await using _alacrity = await startAlacrity({ port: front, config: config(front, socket, servers) })
    expect([await readAll(front), await readAll(front)]).toEqual(['a', 'a'])
    await a[Symbol.asyncDispose]()
    // The first to find out is served all the same, and nobody after it tries the dead one.
    expect([await readAll(front), await readAll(front), await readAll(front)]).toEqual(['b', 'b', 'b'])
    expect(await rowOf(socket, 'a')).toMatchObject({ wredis: '1' })
    await using _again = await startOrigin(says('a'), a.port)
    expect(await readAll(front)).toBe('b')
  })

  test('an operator and the checks move it too', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    await using a = await startOrigin(says('a'))
    await using b = await startOrigin(says('b'))
    await using checked = await startLineServer()
    const servers = `  server a 127.0.0.1:${a.port} check port ${checked.port} inter 100ms rise 1 fall 1\n  server b 127.0.0.1:${b.port}\n`
    await using _alacrity = await startAlacrity({ port: front, config: config(front, socket, servers) })
    expect(await readAll(front)).toBe('a')
    await ask(socket, 'set server l/a state drain')
    await waitFor(async () => (await readAll(front)) === 'b', { what: 'b' })
    await ask(socket, 'set server l/a state ready')
    expect(await readAll(front)).toBe('b')
    await ask(socket, 'set server l/b state maint')
    await waitFor(async () => (await readAll(front)) === 'a', { what: 'a' })
    await ask(socket, 'set server l/b state ready')
    await checked.kill()
    await waitFor(async () => (await readAll(front)) === 'b', { what: 'b, once a is down' })
  })

  test('retries counts dials: not what is passed over', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    await using e = await startOrigin(says('e'))
    const dead = await Promise.all(['c', 'd'].map(async (name) => `  server ${name} 127.0.0.1:${await freePort()}\n`))
    const off = ['a', 'b'].map((name) => `  server ${name} 127.0.0.1:1 disabled\n`)
    const servers = `${off.join('')}${dead.join('')}  server e 127.0.0.1:${e.port}\n`
    await using _two = await startAlacrity({ port: front, config: config(front, socket, servers, 'retries 2') })
    expect(await readAll(front)).toBe('e')

    const [other, otherSocket] = [await freePort(), await freePort()]
    await using _one = await startAlacrity({ port: other, config: config(other, otherSocket, servers, 'retries 1') })
    expect(await readAll(other)).toBe('')
    // The next client begins where that one ended.
    expect(await readAll(other)).toBe('e')
  })

  test('a client that leaves while it waits is no reason to move', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    await using a = await startOrigin(stays('a'))
    await using b = await startOrigin(says('b'))
    const servers = `  server a 127.0.0.1:${a.port} maxconn 1\n  server b 127.0.0.1:${b.port}\n`
    const text = config(front, socket, servers, 'timeout queue 300ms')
    await using _alacrity = await startAlacrity({ port: front, config: text })
    const isIdle = async () => (await rowOf(socket, 'FRONTEND')).scur === '0'
    await waitFor(isIdle, { what: 'no session' })
    const holds = new Client(front)
    await waitFor(() => holds.received === 'a', { what: 'the place taken' })
    // The next ones wait for it, and are turned away: nobody goes to b.
    expect(await readAll(front)).toBe('')
    expect(await readAll(front)).toBe('')
    expect(await rowOf(socket, 'a')).toMatchObject({ wredis: '0' })
    expect(b.accepted).toHaveLength(0)
    holds.socket.destroy()
    for (const connection of a.open) connection.destroy()
    await waitFor(isIdle, { what: 'no session' })
    const next = new Client(front)
    await waitFor(() => next.received === 'a', { what: 'the same server' })
    next.socket.destroy()
  })

  test('a server with another address after a reload is dialled there', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    await using a = await startOrigin(says('a'))
    await using b = await startOrigin(says('b'))
    const text = (port: number) => config(front, socket, `  server s 127.0.0.1:${port}\n`)
    await using alacrity = await startAlacrity({ port: front, config: text(a.port) })
    expect(await readAll(front)).toBe('a')
    alacrity.rewrite(text(b.port))
    alacrity.signal('SIGHUP')
    await waitFor(async () => (await readAll(front)) === 'b', { what: 'the other address' })
  })

  test('without any server that takes connections clients are turned away; with one again they are served', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    const port = await freePort()
    await using _alacrity = await startAlacrity({
      port: front,
      config: config(front, socket, `  server a 127.0.0.1:${port}\n`),
    })
    for (let at = 0; at < 5; at++) expect(await readAll(front)).toBe('')
    await using _a = await startOrigin(says('a'), port)
    const began = performance.now()
    await waitFor(async () => (await readAll(front)) === 'a', { what: 'a' })
    expect(performance.now() - began).toBeLessThan(8_000)
  })

  test('a server without weight is left at once, without a try', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    await using a = await startOrigin(says('a'))
    await using b = await startOrigin(says('b'))
    const servers = `  server a 127.0.0.1:${a.port}\n  server b 127.0.0.1:${b.port}\n`
    await using _alacrity = await startAlacrity({ port: front, config: config(front, socket, servers) })
    expect(await readAll(front)).toBe('a')
    await ask(socket, 'set weight l/a 0')
    expect(await readAll(front)).toBe('b')
    await ask(socket, 'set weight l/a 1')
    expect(await readAll(front)).toBe('b')
    expect((await rowOf(socket, 'a')).wredis).toBe('0')
  })

  test('all tries go to the servers that may serve', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    const off = ['b', 'c', 'd', 'e', 'f'].map((name) => `  server ${name} 127.0.0.1:1 disabled\n`)
    const servers = `  server a 127.0.0.1:${await freePort()}\n${off.join('')}`
    await using _alacrity = await startAlacrity({ port: front, config: config(front, socket, servers, 'retries 4') })
    // Whoever looked whether it listens was a client too.
    await waitFor(async () => (await rowOf(socket, 'FRONTEND')).scur === '0', { what: 'no session' })
    const before = Number((await rowOf(socket, 'a')).connect)
    expect(await readAll(front)).toBe('')
    expect(Number((await rowOf(socket, 'a')).connect) - before).toBe(5)
  })

  test.each(['state drain', 'state maint', 'weight 0'])(
    'who waits for a server that goes out (%s) is served by the next',
    async (change) => {
      const [front, socket] = [await freePort(), await freePort()]
      await using a = await startOrigin(stays('a'))
      await using b = await startOrigin(stays('b'))
      const servers = `  server a 127.0.0.1:${a.port} maxconn 1\n  server b 127.0.0.1:${b.port}\n`
      await using _alacrity = await startAlacrity({ port: front, config: config(front, socket, servers, 'retries 0') })
      const holds = new Client(front)
      await waitFor(() => holds.received === 'a', { what: 'the place taken' })
      const waits = [new Client(front), new Client(front)]
      await waitFor(async () => (await rowOf(socket, 'a')).qcur === '2', { what: 'two to wait' })
      await ask(socket, `set server l/a ${change}`)
      await waitFor(() => waits.every(({ received }) => received === 'b'), { what: 'b' })
      // All are with b now, also when a is back.
      await ask(socket, `set server l/a ${change === 'weight 0' ? 'weight 1' : 'state ready'}`)
      const next = new Client(front)
      await waitFor(() => next.received !== '', { what: 'an answer' })
      expect(next.received).toBe('b')
      expect(await rowOf(socket, 'a')).toMatchObject({ qcur: '0', scur: '1', wredis: '2' })
      for (const { socket: client } of [holds, ...waits, next]) client.destroy()
    },
  )

  test('a backup serves while no other can: who is back is gone home to', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    const a = await startOrigin(says('a'))
    await using b = await startOrigin(says('b'))
    await using c = await startOrigin(says('c'))
    const servers = `  server b 127.0.0.1:${b.port} backup
  server a 127.0.0.1:${a.port} check inter 100ms rise 1 fall 1
  server c 127.0.0.1:${c.port} disabled\n`
    await using _alacrity = await startAlacrity({ port: front, config: config(front, socket, servers) })
    expect(await readAll(front)).toBe('a')
    await a[Symbol.asyncDispose]()
    // At once, before a check says so.
    expect(await readAll(front)).toBe('b')
    await waitFor(async () => (await rowOf(socket, 'a')).status === 'DOWN', { what: 'a down' })
    expect(await readAll(front)).toBe('b')
    await using _again = await startOrigin(says('a'), a.port)
    await waitFor(async () => (await rowOf(socket, 'a')).status === 'UP', { what: 'a up' })
    expect(await readAll(front)).toBe('a')
    // The next active one comes before the backup, though it is behind it.
    await ask(socket, 'set server l/c state ready')
    await ask(socket, 'set server l/a state maint')
    expect(await readAll(front)).toBe('c')
  })
})
