import { freePort, waitFor } from '@tourniquet/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Alacrity, startAlacrity } from './parts/alacrity.ts'
import { ask, rowOf } from './parts/ask.ts'
import { Client, isRefused, readAll } from './parts/client.ts'
import { echoes, greets, type Origin, says, startOrigin } from './parts/origin.ts'

let a: Origin
let b: Origin
beforeAll(async () => {
  a = await startOrigin(greets('a'))
  b = await startOrigin(greets('b'))
})
afterAll(async () => {
  await a[Symbol.asyncDispose]()
  await b[Symbol.asyncDispose]()
})

const head = `global
  hard-stop-after 100ms
defaults
  mode tcp
  timeout connect 2s
  timeout client 60s
  timeout server 60s
`
const admin = (socket: number, global = '') =>
  head.replace('global\n', `global\n  ${global}\n  stats socket ipv4@127.0.0.1:${socket} level admin\n`)
const listen = (front: number, ...servers: string[]) => `${head}
listen l
  bind 127.0.0.1:${front}
${servers.map((server, at) => `  server s${at + 1} ${server}\n`).join('')}`

/** Who greets a new connection. */
async function greeted(front: number): Promise<string> {
  const client = new Client(front)
  let isOver = false
  void client.over.then(() => {
    isOver = true
  })
  await waitFor(() => isOver || client.received !== '', { what: 'a greeting' })
  client.socket.destroy()
  return client.received
}

describe('a reload', () => {
  test('new connections go by the new file, established ones go on', async () => {
    const front = await freePort()
    await using alacrity = await startAlacrity({ port: front, config: listen(front, `127.0.0.1:${a.port}`) })
    const before = new Client(front)
    await waitFor(() => before.received === 'a', { what: 'a greeting' })
    alacrity.rewrite(listen(front, `127.0.0.1:${b.port}`))
    alacrity.signal('SIGHUP')
    await waitFor(async () => (await greeted(front)) === 'b', { what: 'the other server' })
    for (const socket of a.open) socket.end('still there')
    expect(await before.over).toEqual({ text: 'astill there', how: 'end' })
    before.socket.destroy()
  })

  test('a file with an error changes nothing, and says why', async () => {
    const front = await freePort()
    await using alacrity = await startAlacrity({ port: front, config: listen(front, `127.0.0.1:${a.port}`) })
    alacrity.rewrite(`${listen(front, `127.0.0.1:${b.port}`)}  balanse roundrobin\n`)
    alacrity.signal('SIGHUP')
    await waitFor(() => alacrity.server.output.includes('nothing has changed'), { what: 'a refusal' })
    expect(alacrity.server.output).toMatch(/haproxy\.cfg:12: balanse: .*did you mean 'balance'/)
    expect(await greeted(front)).toBe('a')
  })

  test('a port that is taken changes nothing, and says why', async () => {
    const front = await freePort()
    await using alacrity = await startAlacrity({ port: front, config: listen(front, `127.0.0.1:${a.port}`) })
    alacrity.rewrite(`${listen(front, `127.0.0.1:${b.port}`)}\n  bind 127.0.0.1:${b.port}\n`)
    alacrity.signal('SIGHUP')
    await waitFor(() => alacrity.server.output.includes('nothing has changed'), { what: 'a refusal' })
    expect(alacrity.server.output).toContain(
      `:13: bind: cannot listen on 127.0.0.1:${b.port}: another program listens there already`,
    )
    expect(await greeted(front)).toBe('a')
  })

  test('a port of the page that is taken changes nothing, and says why', async () => {
    const front = await freePort()
    await using alacrity = await startAlacrity({ port: front, config: listen(front, `127.0.0.1:${a.port}`) })
    const page = `listen page\n  mode http\n  bind 127.0.0.1:${b.port}\n  stats enable\n`
    alacrity.rewrite(`${listen(front, `127.0.0.1:${b.port}`)}${page}`)
    alacrity.signal('SIGHUP')
    await waitFor(() => alacrity.server.output.includes('nothing has changed'), { what: 'a refusal' })
    expect(alacrity.server.output).toContain(`bind: cannot listen on 127.0.0.1:${b.port}: another program`)
    expect(await greeted(front)).toBe('a')
  })

  test('a file that has vanished changes nothing, and says why', async () => {
    const front = await freePort()
    await using alacrity = await startAlacrity({ port: front, config: listen(front, `127.0.0.1:${a.port}`) })
    const { rmSync } = await import('node:fs')
    rmSync(alacrity.file)
    alacrity.signal('SIGHUP')
    await waitFor(() => alacrity.server.output.includes('nothing has changed'), { what: 'a refusal' })
    expect(alacrity.server.output).toMatch(/haproxy\.cfg: it cannot be read \(ENOENT\)/)
    expect(await greeted(front)).toBe('a')
  })

  test('binds come and go', async () => {
    const [front, second] = [await freePort(), await freePort()]
    await using alacrity = await startAlacrity({ port: front, config: listen(front, `127.0.0.1:${a.port}`) })
    alacrity.rewrite(`${listen(front, `127.0.0.1:${a.port}`)}\n  bind 127.0.0.1:${second}\n`)
    alacrity.signal('SIGHUP')
    await waitFor(async () => (await greeted(second)) === 'a', { what: 'the second bind' })
    const held = new Client(second)
    await waitFor(() => held.received === 'a', { what: 'a greeting' })
    alacrity.rewrite(listen(front, `127.0.0.1:${a.port}`))
    alacrity.signal('SIGHUP')
    await waitFor(() => isRefused(second), { what: 'no second bind' })
    for (const socket of a.open) socket.write('!')
    await waitFor(() => held.received === 'a!', { what: 'what was said after its bind had gone' })
    held.socket.destroy()
    expect(await greeted(front)).toBe('a')
  })

  test('that fails leaves everything as it was: what an operator has set, counters, listeners', async () => {
    const [front, second, third, socket] = [await freePort(), await freePort(), await freePort(), await freePort()]
    const config = (servers: readonly number[], binds: readonly number[], more = '') => `${admin(socket)}
listen l
${binds.map((port) => `  bind 127.0.0.1:${port}\n`).join('')}
${servers.map((port, at) => `  server s${at + 1} 127.0.0.1:${port}\n`).join('')}
${more}`
    const file = config([a.port, b.port], [front, second])
    await using alacrity = await startAlacrity({ port: front, config: file })
    await ask(socket, 'set server l/s1 state maint')
    await ask(socket, 'set weight l/s2 7')
    expect(await greeted(second)).toBe('b')
    const { stot: before } = await rowOf(socket, 's2')
    alacrity.rewrite(config([b.port, a.port], [front, third], `listen page\n  mode http\n  bind 127.0.0.1:${b.port}\n`))
    await refusedReload(alacrity)
    const { status } = await rowOf(socket, 's1')
    const { weight, stot } = await rowOf(socket, 's2')
    expect({ status, weight, stot }).toEqual({ status: 'MAINT', weight: '7', stot: before })
    expect(await greeted(second)).toBe('b')
    expect(await isRefused(third)).toBe(true)
  })

  test('that fails leaves what had to be closed for it open again', async () => {
    const [front, port] = [await freePort(), await freePort()]
    const tcp = (host: string) => `listen o\n  bind ${host}:${port}\n  server s 127.0.0.1:${b.port}\n`
    const text = listen(front, `127.0.0.1:${a.port}`)
    await using alacrity = await startAlacrity({ port: front, config: `${text}${tcp('127.0.0.1')}` })
    await waitFor(async () => (await greeted(port)) === 'b', { what: 'the second section' })
    // The page could have the address, if there were not somebody else who wants it too.
    alacrity.rewrite(`${text}listen page\n  mode http\n  bind 127.0.0.1:${port}\n${tcp('0.0.0.0')}`)
    await refusedReload(alacrity)
    expect(await greeted(port)).toBe('b')
  })

  test('an address goes from TCP to a page and back', async () => {
    const [front, port] = [await freePort(), await freePort()]
    const text = listen(front, `127.0.0.1:${a.port}`)
    const tcp = `${text}\nlisten o\n  bind 127.0.0.1:${port}\n  server s 127.0.0.1:${b.port}\n`
    const page = `${text}\nlisten o\n  mode http\n  bind 127.0.0.1:${port}\n  stats enable\n`
    await using alacrity = await startAlacrity({ port: front, config: tcp })
    await waitFor(async () => (await greeted(port)) === 'b', { what: 'the second section' })
    alacrity.rewrite(page)
    await reloaded(alacrity)
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200)
    alacrity.rewrite(tcp)
    await reloaded(alacrity)
    expect(await greeted(port)).toBe('b')
  })

  test('what an operator has set stays: checks that are off, frontends that are disabled, limits', async () => {
    const [front, second, third, socket] = [await freePort(), await freePort(), await freePort(), await freePort()]
    await using checked = await startOrigin(greets('c'))
    await using off = await startOrigin(greets('d'))
    const config = (more = '', global = '') => `${admin(socket, global)}
listen l
  bind 127.0.0.1:${front}
  server s1 127.0.0.1:${checked.port} check inter 50ms
  server s2 127.0.0.1:${off.port} check inter 50ms
listen o
  bind 127.0.0.1:${second}
${more}`
    await using alacrity = await startAlacrity({ port: front, config: config() })
    await waitFor(async () => (await rowOf(socket, 's2')).check_status === 'L4OK', { what: 'a check' })
    for (const command of ['disable health l/s2', 'disable frontend o', 'set maxconn global 50'])
      await ask(socket, command)
    const before = off.accepted.length
    alacrity.rewrite(config(`  bind 127.0.0.1:${third}\n`))
    await reloaded(alacrity)
    // Nor does another server's state start them again.
    await ask(socket, 'set server l/s1 state maint')
    await ask(socket, 'set server l/s1 state ready')
    const seen = checked.accepted.length
    await waitFor(() => checked.accepted.length > seen + 5, { what: 'further checks of the other server' })
    expect(off.accepted.length).toBe(before)
    expect([await isRefused(second), await isRefused(third)]).toEqual([true, true])
    expect(await ask(socket, 'show info')).toContain('Maxconn: 50\n')
    await ask(socket, 'enable health l/s2')
    await waitFor(() => off.accepted.length > before, { what: 'a check' })
    // What the file says anew holds.
    alacrity.rewrite(config('', 'maxconn 70'))
    await reloaded(alacrity)
    expect(await ask(socket, 'show info')).toContain('Maxconn: 70\n')
  })

  test('a section that is disabled is checked no more', async () => {
    const front = await freePort()
    await using live = await startOrigin(greets('c'))
    await using gone = await startOrigin(greets('d'))
    const config = (more: string) => `${head}
listen l
  bind 127.0.0.1:${front}
  server s1 127.0.0.1:${live.port} check inter 50ms
backend o
  ${more}
  server s2 127.0.0.1:${gone.port} check inter 50ms
`
    await using alacrity = await startAlacrity({ port: front, config: config('') })
    await waitFor(() => gone.accepted.length > 2, { what: 'checks' })
    alacrity.rewrite(config('disabled'))
    await reloaded(alacrity)
    // One may have been under way.
    const [before, seen] = [gone.accepted.length + 1, live.accepted.length]
    await waitFor(() => live.accepted.length > seen + 5, { what: 'further checks of the other server' })
    expect(gone.accepted.length).toBeLessThanOrEqual(before)
  })

  test('another algorithm does not go by what the one before it has counted', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    await using one = await startOrigin(says('1'))
    await using two = await startOrigin(says('2'))
    const config = (algorithm: string) => `${admin(socket)}
listen l
  bind 127.0.0.1:${front}
  balance ${algorithm}
  server s1 127.0.0.1:${one.port}
  server s2 127.0.0.1:${two.port}
`
    await using alacrity = await startAlacrity({ port: front, config: config('leastconn') })
    await ask(socket, 'set server l/s2 state maint')
    for (let at = 0; at < 30; at++) await Promise.all(Array.from({ length: 100 }, () => readAll(front)))
    await ask(socket, 'set server l/s2 state ready')
    alacrity.rewrite(config('roundrobin'))
    await reloaded(alacrity)
    const answers = [await readAll(front), await readAll(front), await readAll(front), await readAll(front)]
    expect(answers.sort()).toEqual(['1', '1', '2', '2'])
  })

  test('the last sessions of a section that is gone are logged', async () => {
    const [front, second] = [await freePort(), await freePort()]
    const text = listen(front, `127.0.0.1:${a.port}`)
    const section = `listen gone\n  bind 127.0.0.1:${second}\n  log stdout format raw daemon\n  option tcplog\n`
    const config = `${text}${section}  server s 127.0.0.1:${b.port}\n`
    await using alacrity = await startAlacrity({ port: second, config })
    const client = new Client(second)
    await waitFor(() => client.received === 'b', { what: 'a greeting' })
    alacrity.rewrite(text)
    await reloaded(alacrity)
    client.socket.resetAndDestroy()
    await waitFor(() => alacrity.server.output.includes(' gone gone/s '), { what: 'a line' })
  })

  test('who waits for a server that is gone waits for the others', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    const config = (servers: string) => `${admin(socket)}
listen l
  bind 127.0.0.1:${front}
${servers}`
    const servers = `  use-server a if { src 127.0.0.1 }
  server a 127.0.0.1:${a.port} maxconn 1
  server b 127.0.0.1:${b.port} maxconn 1\n`
    await using alacrity = await startAlacrity({ port: front, config: config(servers) })
    const clients: Client[] = []
    for (const queued of [0, 1, 2]) {
      clients.push(new Client(front))
      await waitFor(async () => (await rowOf(socket, 'a')).qcur === String(queued), { what: `${queued} who wait` })
      if (queued === 0) await waitFor(() => clients[0]?.received === 'a', { what: 'a greeting' })
    }
    alacrity.rewrite(config(`  server b 127.0.0.1:${b.port} maxconn 1\n`))
    await reloaded(alacrity)
    const [, second, third] = clients as [Client, Client, Client]
    await waitFor(() => second.received === 'b', { what: 'the other server' })
    expect(third.received).toBe('')
    second.socket.resetAndDestroy()
    await waitFor(() => third.received === 'b', { what: 'its place' })
    expect((await rowOf(socket, 'BACKEND')).qcur).toBe('0')
    for (const { socket } of clients) socket.destroy()
  })

  // Every 150 ms, though not before fifty more have come, another set of servers, while 5,000 stand idle and a storm
  // comes in.
  test('5,000 idle connections and a storm live through ten reloads: none is dropped, none is refused', async () => {
    const front = await freePort()
    await using idle = await startOrigin(echoes)
    await using quick = await startOrigin(says('ok'))
    const config = (...servers: string[]) => `${head}
frontend idle
  bind 127.0.0.1:${front}
  default_backend idle
backend idle
  server i1 127.0.0.1:${idle.port}
frontend storm
  bind 127.0.0.1:${storm}
  default_backend storm
backend storm
${servers.map((name) => `  server ${name} 127.0.0.1:${quick.port}\n`).join('')}`
    const storm = await freePort()
    await using alacrity = await startAlacrity({ port: front, config: config('q1', 'q2') })
    const clients: Client[] = []
    while (clients.length < 5_000) {
      const some = Array.from({ length: 250 }, () => new Client(front))
      await Promise.all(some.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))))
      clients.push(...some)
      // More at a time would not fit into the queues of who listens: what is dropped there may never be seen again.
      await waitFor(() => idle.open.size >= clients.length, { timeoutMs: 20_000, what: 'all of them' })
    }
    await waitFor(() => idle.open.size === 5_000, { timeoutMs: 20_000, what: '5,000 connections' })
    let isOver = false
    const answers: string[] = []
    const storming = Array.from({ length: 8 }, async () => {
      while (!isOver) answers.push(await readAll(storm))
    })
    for (let at = 0; at < 10; at++) {
      const before = reloads(alacrity.server.output)
      alacrity.rewrite(config(...(at % 2 === 0 ? ['q2', 'q3', 'q4'] : ['q1', 'q2'])))
      alacrity.signal('SIGHUP')
      await waitFor(() => reloads(alacrity.server.output) > before, { timeoutMs: 30_000, what: 'a reload' })
      const stormed = answers.length
      await Promise.all([
        new Promise((resolve) => setTimeout(resolve, 150)),
        waitFor(() => answers.length > stormed + 50, { timeoutMs: 20_000, what: 'a storm' }),
      ])
    }
    isOver = true
    await Promise.all(storming)
    expect(answers.filter((answer) => answer !== 'ok')).toEqual([])
    for (const { socket } of clients) socket.write('x')
    await waitFor(() => clients.every(({ received }) => received === 'x'), {
      timeoutMs: 20_000,
      what: 'an answer to each',
    })
    expect(clients.filter(({ hasEnded }) => hasEnded)).toEqual([])
    for (const { socket } of clients) socket.destroy()
  })
})

async function reloaded(alacrity: Alacrity): Promise<void> {
  const before = reloads(alacrity.server.output)
  alacrity.signal('SIGHUP')
  await waitFor(() => reloads(alacrity.server.output) > before, { what: 'a reload' })
}

async function refusedReload(alacrity: Alacrity): Promise<void> {
  alacrity.signal('SIGHUP')
  await waitFor(() => alacrity.server.output.includes('nothing has changed'), { what: 'a refusal' })
}

function reloads(output: string): number {
  return output.split('\n').filter((line) => line === 'reloaded').length
}
