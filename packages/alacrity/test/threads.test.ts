import { createServer, type Server } from 'node:net'
import { freePort, waitFor } from '@tourniquet/testkit'
import { describe, expect, test } from 'vitest'
import { startAlacrity } from './parts/alacrity.ts'
import { ask, rowOf } from './parts/ask.ts'
import { Client, isRefused, readAll } from './parts/client.ts'
import { headOf } from './parts/head.ts'
import { otherNode } from './parts/nodes.ts'
import { echoes, says, startOrigin } from './parts/origin.ts'

const node = otherNode(24)

// Sharing a port among threads wants Node 22.12.
describe.runIf(node)('two data threads', { timeout: 120_000 }, () => {
  test('share the connections, and never exceed a limit in a connect storm', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    await using a = await startOrigin((client) => void setTimeout(() => client.end('a'), 3))
    await using b = await startOrigin((client) => void setTimeout(() => client.end('b'), 3))
    const config = `${headOf(socket, 'nbthread 2')}
listen l
  bind 127.0.0.1:${front} maxconn 400
  maxconn 400
  balance leastconn
  server a 127.0.0.1:${a.port} maxconn 7
  server b 127.0.0.1:${b.port} maxconn 5
`
    await using _alacrity = await startAlacrity({ port: front, config, node: node as string })
    await waitFor(async () => (await rowOf(socket, 'FRONTEND')).scur === '0', { what: 'no session' })
    await ask(socket, 'clear counters all')
    const answers = await Promise.all(Array.from({ length: 2_000 }, () => readAll(front)))
    expect(answers.filter((answer) => answer !== 'a' && answer !== 'b')).toEqual([])
    const [rowA, rowB, frontend] = [await rowOf(socket, 'a'), await rowOf(socket, 'b'), await rowOf(socket, 'FRONTEND')]
    expect([rowA.smax, rowB.smax, frontend.smax]).toEqual(['7', '5', '400'])
    expect(Number(rowA.stot) + Number(rowB.stot)).toBe(2_000)
    await waitFor(async () => (await rowOf(socket, 'FRONTEND')).scur === '0', { what: 'no session left' })
    expect((await rowOf(socket, 'BACKEND')).qcur).toBe('0')
  })

  test('roundrobin is one row for both', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    await using a = await startOrigin(says('a'))
    await using b = await startOrigin(says('b'))
    const servers = `  server a 127.0.0.1:${a.port} weight 3\n  server b 127.0.0.1:${b.port}\n`
    const config = `${headOf(socket, 'nbthread 2')}\nlisten l\n  bind 127.0.0.1:${front}\n${servers}`
    await using _alacrity = await startAlacrity({ port: front, config, node: node as string })
    const answers = await Promise.all(Array.from({ length: 400 }, () => readAll(front)))
    expect(answers.filter((answer) => answer === 'a')).toHaveLength(300)
    expect(answers.filter((answer) => answer === 'b')).toHaveLength(100)
  })

  test('balance failover: all threads stay with the same server, and move together', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    const a = await startOrigin(says('a'))
    await using b = await startOrigin(says('b'))
    await using c = await startOrigin(says('c'))
    const servers = `  server a 127.0.0.1:${a.port}\n  server b 127.0.0.1:${b.port}\n  server c 127.0.0.1:${c.port}\n`
    const config = `${headOf(socket, 'nbthread 2')}\nlisten l\n  bind 127.0.0.1:${front}\n  balance failover\n${servers}`
    await using _alacrity = await startAlacrity({ port: front, config, node: node as string })
    const some = () => Promise.all(Array.from({ length: 60 }, () => readAll(front)))
    expect(new Set(await some())).toEqual(new Set(['a']))
    await a[Symbol.asyncDispose]()
    expect(new Set(await some())).toEqual(new Set(['b']))
    // A returned server is no reason to move: it is sticky.
    await using _again = await startOrigin(says('a'), a.port)
    expect(new Set(await some())).toEqual(new Set(['b']))
  })

  test('an address becomes narrower in a reload, and wider again: our own listeners are no other program', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    await using origin = await startOrigin(says('a'))
    const config = (bind: string) =>
      `${headOf(socket, 'nbthread 2')}\nlisten l\n  bind ${bind}\n  server s 127.0.0.1:${origin.port}\n`
    const wide = config(`0.0.0.0:${front}`)
    await using alacrity = await startAlacrity({ port: front, config: wide, node: node as string })
    for (const [at, text] of [config(`127.0.0.1:${front}`), wide].entries()) {
      alacrity.rewrite(text)
      alacrity.signal('SIGHUP')
      await waitFor(() => alacrity.server.output.split('\n').filter((line) => line === 'reloaded').length > at, {
        what: `a reload in ${alacrity.server.output}`,
      })
      expect(await Promise.all(Array.from({ length: 20 }, () => readAll(front)))).toEqual(Array(20).fill('a'))
    }
    // Another one is.
    await using stranger = await startOrigin(says('b'))
    alacrity.rewrite(config(`0.0.0.0:${stranger.port}`))
    alacrity.signal('SIGHUP')
    await waitFor(() => alacrity.server.output.includes('another program listens there already'), { what: 'a refusal' })
    expect(await readAll(front)).toBe('a')
  })

  test('a data thread that dies is replaced, and what it held is given back', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    await using origin = await startOrigin(echoes)
    const config = `${headOf(socket, 'nbthread 2')}\nlisten l\n  bind 127.0.0.1:${front}\n  server s 127.0.0.1:${origin.port} maxconn 40\n`
    const killer = new URL('./parts/kill-a-thread.mjs', import.meta.url).pathname
    const env = { NODE_OPTIONS: `--import=${killer}` }
    await using alacrity = await startAlacrity({ port: front, config, node: node as string, env })
    // Both threads listen, not only the first of them.
    await waitFor(() => alacrity.server.output.includes('listens on'), { what: 'both threads' })
    const clients = Array.from({ length: 40 }, () => new Client(front))
    for (const { socket: client } of clients) client.write('x')
    await waitFor(() => clients.every(({ received }) => received === 'x'), { what: 'forty sessions' })
    alacrity.signal('SIGUSR2')
    await waitFor(() => alacrity.server.output.includes('has died'), { what: 'a death' })
    const lost = () => clients.filter(({ isOver }) => isOver).length
    await waitFor(async () => lost() > 0 && Number((await rowOf(socket, 's')).scur) === 40 - lost(), {
      what: 'counts given back',
    })
    expect(lost()).toBeLessThan(40)
    // Both listen again, and the limit is as exact as before.
    const fresh = Array.from({ length: lost() }, () => new Client(front))
    for (const { socket: client } of fresh) client.write('y')
    await waitFor(() => fresh.every(({ received }) => received === 'y'), { what: 'as many new sessions' })
    expect((await rowOf(socket, 's')).scur).toBe('40')
    for (const { socket: client } of [...clients, ...fresh]) client.destroy()
    await waitFor(async () => (await rowOf(socket, 's')).scur === '0', { what: 'no session left' })
  })
})

// One data thread, as Node 20 has it.
describe('the thread that takes the place of a dead one', () => {
  const killer = new URL('./parts/kill-a-thread.mjs', import.meta.url).pathname
  const env = { NODE_OPTIONS: `--import=${killer}` }

  test('listens where the dead one did, and not where a frontend is disabled; pages keep their counts', async () => {
    const [front, paused, socket, page] = [await freePort(), await freePort(), await freePort(), await freePort()]
    await using origin = await startOrigin(says('a'))
    const config = `${headOf(socket, 'nbthread 1')}
listen l
  bind 127.0.0.1:${front}
  server s 127.0.0.1:${origin.port}
listen p
  bind 127.0.0.1:${paused}
  server s 127.0.0.1:${origin.port}
listen page
  mode http
  bind 127.0.0.1:${page}
`
    await using alacrity = await startAlacrity({ port: front, config, env })
    await waitFor(() => alacrity.server.output.includes('listens on'), { what: 'all sections' })
    await ask(socket, 'disable frontend p')
    const browser = new Client(page)
    await waitFor(async () => (await rowOf(socket, 'FRONTEND', 'page')).scur === '1', { what: 'a connection' })
    alacrity.signal('SIGUSR2')
    await waitFor(() => alacrity.server.output.includes('has died'), { what: 'a death' })
    await waitFor(async () => (await readAll(front)) === 'a', { what: 'another thread' })
    expect(await isRefused(paused)).toBe(true)
    expect((await rowOf(socket, 'FRONTEND', 'page')).scur).toBe('1')
    browser.socket.destroy()
    await ask(socket, 'enable frontend p')
    expect(await readAll(paused)).toBe('a')
  })

  test('says where it cannot listen', async () => {
    const [front, other, socket] = [await freePort(), await freePort(), await freePort()]
    await using origin = await startOrigin(says('a'))
    const server = `  server s 127.0.0.1:${origin.port}\n`
    const config = `${headOf(socket, 'nbthread 1')}\nlisten o\n  bind 127.0.0.1:${other}\n${server}\nlisten l\n  bind 127.0.0.1:${front}\n${server}`
    await using alacrity = await startAlacrity({ port: front, config, env })
    alacrity.signal('SIGUSR2')
    const thief = await takeAsSoonAsItIsFree(other)
    await waitFor(() => alacrity.server.output.includes('cannot listen'), { what: 'a word about it' })
    expect(alacrity.server.output).toContain(
      `data thread 0: ${alacrity.file}:13: bind: cannot listen on 127.0.0.1:${other}: another program listens there already`,
    )
    expect(await readAll(front)).toBe('a')
    thief.close()
  })
})

/** The port becomes free when the thread dies, and there is a moment until another one wants it. */
async function takeAsSoonAsItIsFree(port: number): Promise<Server> {
  const server = createServer()
  server.on('error', () => setImmediate(() => server.listen(port, '127.0.0.1')))
  server.listen(port, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return server
}

test('where ports cannot be shared there is one data thread, and a warning', async () => {
  const [front, socket] = [await freePort(), await freePort()]
  await using origin = await startOrigin(says('a'))
  const config = `${headOf(socket, 'nbthread 4')}\nlisten l\n  bind 127.0.0.1:${front}\n  server s 127.0.0.1:${origin.port}\n`
  await using alacrity = await startAlacrity({ port: front, config })
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const canShare = process.platform === 'linux' && (major > 22 || (major === 22 && minor >= 12))
  expect(await ask(socket, 'show info')).toContain(`Nbthread: ${canShare ? 4 : 1}\n`)
  expect(alacrity.server.output.includes('there is one data thread')).toBe(!canShare)
  expect(await readAll(front)).toBe('a')
})
