import { startProxy, startRedis, waitFor } from '@tourniquet/testkit'
import { afterAll, it } from 'vitest'
import { RedisRoundRobin } from '../src/index.ts'
import { pair, twoServers, urlOf } from './two-servers.ts'

const unhandled: unknown[] = []
process.on('unhandledRejection', (e) => { unhandled.push(e); console.log('UNHANDLED', e) })
const log = (...a: unknown[]) => console.log(...a)
const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms))
const settle = async (p: Promise<unknown>, ms = 3000) =>
  Promise.race([
    p.then((v) => ({ ok: v }), (e) => ({ err: e.name + ': ' + e.message, outcome: e.outcome })),
    sleep(ms).then(() => 'PENDING'),
  ])
afterAll(() => log('unhandled total', unhandled.length))

it('1 pipeline in lost MULTI', async () => {
  await using s = await twoServers()
  const c = s.client
  await c.set('x', 1)
  await c.multi({ pipeline: false })
  await s.rr.failover()
  await waitFor(async () => /cmd=|tcp_port/.test(await s.b.command('INFO', 'server')))
  await sleep(200)
  log('1: ', await settle(c.pipeline().set('k', 'v').incr('n').exec()), 'B k=', await s.b.command('GET', 'k'), 'n=', await s.b.command('GET', 'n'))
})
it('1b autopipelining in lost MULTI', async () => {
  await using s = await twoServers()
  const c = s.rr.client({ enableAutoPipelining: true })
  await c.set('x', 1)
  await c.multi({ pipeline: false })
  await s.rr.failover()
  await sleep(300)
  log('1b: ', await settle(c.set('k', 'v')), 'B k=', await s.b.command('GET', 'k'))
})
it('2 uppercase call', async () => {
  await using s = await twoServers()
  const c = s.client
  await c.set('x', 1)
  await c.call('WATCH', 'k')
  await s.rr.failover()
  await sleep(200)
  log('2 WATCH:', await settle(c.multi().set('k', 'v').exec()), 'B k=', await s.b.command('GET', 'k'))
  await c.call('MULTI')
  await s.rr.failover()
  await sleep(200)
  log('2 MULTI:', await settle(c.set('k2', 'v')), 'A k2=', await s.a.command('GET', 'k2'), await settle(c.call('EXEC') as Promise<unknown>))
  await c.call('SELECT', '3')
  await s.rr.failover()
  await sleep(200)
  log('2 SELECT upper:', await settle(c.set('k3', 'v')), 'B db3=', await s.b.command('-n', '3', 'GET', 'k3'), 'db0', await s.b.command('GET', 'k3'))
})
it('3 non-pipeline multi on demoted', async () => {
  await using s = await pair()
  const c = s.client
  await c.set('x', 1)
  // demote A, promote B
  await s.b.command('REPLICAOF', 'NO', 'ONE')
  await s.a.command('REPLICAOF', s.b.host, String(s.b.port))
  const ps = [c.multi({ pipeline: false }), c.set('a', 1), c.set('b', 2), c.exec()]
  log('3:', await Promise.all(ps.map((p) => settle(p as Promise<unknown>))), 'B a=', await s.b.command('GET', 'a'), 'b=', await s.b.command('GET', 'b'))
})
it('3b idempotent pipelined multi reply lost', async () => {
  await using s = await twoServers({ idempotent: true })
  const c = s.client
  await c.set('x', 1)
  await s.proxyA.dropReply('+QUEUED')
  log('3b:', await settle(c.multi().set('a', 1).exec()), 'then', await settle(c.set('z', 1)), 'B a', await s.b.command('GET', 'a'))
})
it('3c idempotent pipelined multi reply lost at +OK', async () => {
  await using s = await twoServers({ idempotent: true })
  const c = s.client
  await c.set('x', 1)
  await s.proxyA.dropReply('+OK')
  log('3c:', await settle(c.multi().set('a', 1).exec()), 'then', await settle(c.set('z', 1)), 'B a', await s.b.command('GET', 'a'))
})
it('3d idempotent nonpipelined EXEC lost', async () => {
  await using s = await twoServers({ idempotent: true })
  const c = s.client
  await c.set('x', 1)
  await c.multi({ pipeline: false })
  await c.set('a', 1)
  await s.proxyA.dropReply('*1')
  log('3d:', await settle(c.exec()), 'A a=', await s.a.command('GET', 'a'), 'B a', await s.b.command('GET', 'a'))
})
it('4 lost subscription', async () => {
  for (const protocol of [2, 3] as const) {
    await using s = await twoServers({ redis: { protocol } as object })
    const c = s.client
    await c.subscribe('a')
    await s.proxyB.dropReply(protocol === 2 ? 'pong' : '+PONG')
    s.proxyA.refuse(); s.proxyA.cut()
    await waitFor(() => c.status !== 'ready')
    const got = settle(c.subscribe('b'), 4000)
    log('4 b:', protocol, await got)
    await sleep(1500)
    await s.proxyA.pass()
    await sleep(500)
    log('4 proxyB mode', s.proxyB.mode, 'status', c.status)
    for (const x of [s.a, s.b]) log('4 channels', protocol, (await x.command('PUBSUB', 'CHANNELS')).split('\n'))
  }
})
it('5 maxclients spin', async () => {
  const a = await startRedis({ name: 'A' }), b = await startRedis({ name: 'B' })
  const pa = await startProxy(a), pb = await startProxy(b)
  // 1 for redis-cli... set maxclients so that only engine fits
  await a.command('CONFIG', 'SET', 'maxclients', '1'); await b.command('CONFIG', 'SET', 'maxclients', '1')
  const rr = new RedisRoundRobin([urlOf(pa), urlOf(pb)], {})
  const c = rr.client()
  c.on('error', () => {})
  const p = settle(c.set('k', 1), 5000)
  const cpu = process.cpuUsage()
  await sleep(3000)
  const u = process.cpuUsage(cpu)
  log('5 dials', pa.dials, pb.dials, 'cpu ms', u.user / 1000, await p)
  await rr.close({ drainMs: 0 })
  for (const x of [pa, pb, a, b]) await x[Symbol.asyncDispose]()
})
it('6 close drain with blpop', async () => {
  const s = await twoServers()
  const c = s.client
  await c.set('x', 1)
  const p = settle(c.blpop('q', 0), 20000)
  await sleep(200)
  const t = Date.now()
  await s.rr.close({ drainMs: 0 })
  log('6 close took', Date.now() - t, await p)
  await s[Symbol.asyncDispose]()
})
it('6b close with frozen servers', async () => {
  const s = await twoServers()
  const c = s.client
  await c.set('x', 1)
  await s.proxyA.freeze()
  const p = settle(c.incr('q'), 20000)
  await sleep(200)
  const t = Date.now()
  await s.rr.close({ drainMs: 0 })
  log('6b close took', Date.now() - t, await p, 'status', c.status)
  await s[Symbol.asyncDispose]()
})
it('6c disconnect while leaving, frozen', async () => {
  const s = await twoServers()
  const c = s.client
  await c.set('x', 1)
  await s.proxyA.freeze()
  const p = settle(c.incr('q'), 20000)
  await s.rr.failover()
  await sleep(50)
  const t = Date.now()
  c.disconnect()
  log('6c', await p, 'settled after disconnect in', Date.now() - t, c.status)
  await s[Symbol.asyncDispose]()
})
it('7 resting subscriber never wakes', async () => {
  await using s = await twoServers({ heartbeatMs: 200, backoff: { initialMs: 20, maxMs: 100 } })
  const c = s.client
  await c.subscribe('a')
  await s.proxyB.refuse()
  await s.a.command('CONFIG', 'SET', 'requirepass', 'secret')
  s.proxyA.cut()
  await sleep(1000)
  log('7 status', c.status)
  const { execFileSync } = await import('node:child_process')
  execFileSync('redis-cli', ['-p', String(s.a.port), '-a', 'secret', 'CONFIG', 'SET', 'requirepass', ''], { stdio: 'ignore' })
  await sleep(500)
  log('7 run', await settle(s.rr.run((r) => r.ping())))
  await sleep(1500)
  log('7 after', c.status, 'channels', await s.a.command('PUBSUB', 'CHANNELS'))
})
it('8 duplicate with commandTimeout', async () => {
  await using s = await twoServers()
  const c = s.client.duplicate({ commandTimeout: 100 })
  await c.set('x', 1)
  await s.proxyA.refuse(); await s.proxyB.refuse(); s.proxyA.cut(); s.proxyB.cut()
  await waitFor(() => c.status !== 'ready')
  log('8', await settle(c.set('late', 1)))
  await s.proxyA.pass(); await s.proxyB.pass()
  await sleep(1500)
  log('8 late on A', await s.a.command('GET', 'late'), 'B', await s.b.command('GET', 'late'))
})
