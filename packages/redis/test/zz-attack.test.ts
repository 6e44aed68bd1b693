import { createServer } from 'node:net'
import { startProxy, startRedis, waitFor } from '@tourniquet/testkit'
import { afterAll, it } from 'vitest'
import { RedisRoundRobin } from '../src/index.ts'
import { pair, twoServers, urlOf } from './two-servers.ts'

const unhandled: unknown[] = []
process.on('unhandledRejection', (e) => {
  unhandled.push(e)
  console.log('UNHANDLED', e)
})
const log = (...a: unknown[]) => console.log(...a)
const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms))
const settle = async (p: Promise<unknown>, ms = 3000) =>
  Promise.race([
    p.then(
      (v) => ({ ok: v }),
      (e) => ({ err: e.name + ': ' + e.message, outcome: e.outcome }),
    ),
    sleep(ms).then(() => 'PENDING'),
  ])
afterAll(() => log('unhandled total', unhandled.length))


it('9 partial subscribe desync', async () => {
  for (const protocol of [2, 3] as const) {
    await using s = await twoServers({ redis: { protocol } as object })
    const c = s.client
    await c.set('x', 1); await s.b.command('SET', 'x', 'B')
    await s.proxyA.dropReply('chan-b')
    const ps = [c.subscribe('chan-a', 'chan-b', 'chan-c')] as Promise<unknown>[]
    if (protocol === 3) ps.push(c.get('x'), c.echo('hello'), c.get('x'))
    else ps.push(c.ping(), c.subscribe('d'))
    log('9', protocol, await Promise.all(ps.map((p) => settle(p, 4000))))
    log('9 later', await settle(c.ping()), protocol === 3 && await settle(c.echo('later')))
    log('9 channels B', (await s.b.command('PUBSUB', 'CHANNELS')).split('\n'))
  }
})
it('10 runs share state', async () => {
  await using s = await twoServers()
  await s.rr.run((r) => r.ping())
  await s.rr.run((r) => r.select(3))
  await s.rr.run((r) => r.set('k', 'v'))
  log('10 select leaked: db3', await s.a.command('-n', '3', 'GET', 'k'), 'db0', await s.a.command('GET', 'k'))
})
it('10b quit/disconnect in a run', async () => {
  await using s = await twoServers()
  log('10b quit', await settle(s.rr.run((r) => r.quit())))
  log('10b next', await settle(s.rr.run((r) => r.set('k', 1))), s.proxyA.dials, s.proxyB.dials)
  log('10b disconnect', await settle(s.rr.run(async (r) => { r.disconnect(); return 1 })))
  log('10b next', await settle(s.rr.run((r) => r.set('k', 1))))
  log('10b subscribe', await settle(s.rr.run((r) => r.subscribe('a'))), await settle(s.rr.run((r) => r.get('k'))))
})
it('11 accept and close / garbage', async () => {
  for (const kind of ['close', 'garbage', 'rst', 'pong']) {
    let n = 0
    const mk = async () => {
      const srv = createServer((k) => { n++; k.on('error', () => {}); if (kind === 'close') k.end(); else if (kind === 'rst') k.resetAndDestroy(); else if (kind === 'garbage') k.end('HTTP/1.1 400\r\n\r\n'); else k.on('data', () => k.write('+PONG\r\n')) })
      await new Promise<void>((r) => srv.listen(0, '127.0.0.1', r)); return srv
    }
    const a = await mk(), b = await mk()
    const rr = new RedisRoundRobin([a, b].map((x) => `redis://127.0.0.1:${(x.address() as any).port}`))
    const c = rr.client(); const d = rr.client()
    const p = settle(c.set('k', 1), 6000)
    await sleep(3000)
    log('11', kind, 'dials', n, await p)
    const t = Date.now(); await rr.close({ drainMs: 0 }); log('close', Date.now() - t, c.status, d.status)
    a.close(); b.close()
  }
})
it('12 ACL lacking', async () => {
  for (const acl of ['-ping', '-info', '-client', '-ping -info -client', '-hello', '-@all +get +set', '-select']) {
    await using s = await twoServers({ heartbeatMs: 200 })
    for (const x of [s.a, s.b]) await x.command('ACL', 'SETUSER', 'u', 'on', '>p', '~*', '&*', '+@all', ...acl.split(' '))
    const rr = new RedisRoundRobin([s.proxyA, s.proxyB].map((x) => `redis://u:p@127.0.0.1:${x.port}`), { heartbeatMs: 200 })
    const c = rr.client()
    const a0 = s.proxyA.dials + s.proxyB.dials
    const r = await settle(c.set('k', 1)); await sleep(1200)
    log('12', acl, r, 'dials', s.proxyA.dials + s.proxyB.dials - a0, c.status)
    const sub = rr.client(); let gaps = 0; sub.on('gap', () => gaps++)
    log('   sub', await settle(sub.subscribe('a')))
    s.proxyA.cut(); s.proxyB.cut(); await sleep(700)
    log('   after cut', sub.status, 'gaps', gaps, 'chan', await s.a.command('PUBSUB', 'CHANNELS'), await s.b.command('PUBSUB', 'CHANNELS'), await settle(c.set('k', 2)))
    await rr.close({ drainMs: 0 })
  }
})
it('13 wrong password on one', async () => {
  await using s = await twoServers({ heartbeatMs: 200 })
  await s.b.command('CONFIG', 'SET', 'requirepass', 'other')
  const c = s.client
  await c.set('x', 1)
  await s.proxyA.refuse(); s.proxyA.cut()
  await sleep(1500)
  log('13 dials', s.proxyA.accepted, s.proxyB.accepted, c.status, await settle(c.set('x', 1)), await settle(c.set('x', 1)))
  await s.proxyA.pass()
  await sleep(200)
  log('13 A back', await settle(c.set('x', 1)), await settle(c.set('x', 1)), await settle(c.set('x', 1)))
})
it('14 keepAlive PING in call(MULTI)', async () => {
  await using s = await twoServers({ heartbeatMs: 100 })
  const c = s.client
  await c.call('MULTI'); await c.set('a', 1); await sleep(500)
  log('14', await settle(c.call('EXEC') as Promise<unknown>))
  await s.rr.run((r) => r.call('MULTI')); await s.rr.run((r) => r.set('a', 1)); await sleep(500)
  log('14 run', await settle(s.rr.run((r) => r.call('EXEC'))))
})
it('15 leaks', async () => {
  const s = await twoServers()
  await s.client.ping()
  await s.rr.close()
  const before = process.getActiveResourcesInfo().sort().join()
  const mk = () => new RedisRoundRobin([urlOf(s.proxyA), urlOf(s.proxyB)], { heartbeatMs: 100, standby: true })
  const states: Record<string, (rr: RedisRoundRobin) => Promise<any[]>> = {
    wait: async (rr) => [rr.client({ lazyConnect: true })],
    connecting: async (rr) => [rr.client()],
    mutedConnecting: async (rr) => { await s.proxyA.mute(); await s.proxyB.mute(); const c = rr.client(); const p = settle(c.set('x', 1), 9000).then((r) => log('  muted set', r)); await sleep(100); return [c] },
    ready: async (rr) => { const c = rr.client(); await c.ping(); return [c] },
    subscriber: async (rr) => { const c = rr.client(); await c.subscribe('x'); return [c] },
    monitor: async (rr) => { const c = rr.client(); const m = await c.monitor(); return [c, m] },
    blocked: async (rr) => { const c = rr.client(); await c.ping(); void c.blpop('nope', 0).catch((e) => log('  blpop', e.message)); await sleep(50); return [c] },
    reconnecting: async (rr) => { const c = rr.client(); await c.ping(); await s.proxyA.refuse(); await s.proxyB.refuse(); s.proxyA.cut(); s.proxyB.cut(); await sleep(100); const p = settle(c.incr('zz')).then((r) => log('  reconnecting incr', r)); return [c] },
    dup: async (rr) => { const c = rr.client(); const d = c.duplicate(); const e = d.duplicate({ lazyConnect: true }); await d.ping(); return [c, d, e] },
    multi: async (rr) => { const c = rr.client(); await c.multi({ pipeline: false }); return [c] },
    frozenReady: async (rr) => { const c = rr.client(); await c.ping(); await s.proxyA.freeze(); await s.proxyB.freeze(); return [c] },
  }
  for (const [name, f] of Object.entries(states)) {
    for (const p of [s.proxyA, s.proxyB]) await p.pass()
    const rr = mk()
    const cs = await f(rr)
    const st = cs.map((c) => c.status)
    const t = Date.now()
    await rr.close({ drainMs: 100 })
    const took = Date.now() - t
    const ended = cs.map((c) => c.status)
    await sleep(50)
    for (const p of [s.proxyA, s.proxyB]) await p.pass()
    await sleep(250)
    const after = process.getActiveResourcesInfo().sort().join()
    log('15', name, st, '->', ended, cs.map((c) => c.status), 'took', took, after === before ? 'clean' : 'LEFT ' + after + ' vs ' + before, 'open', s.proxyA.open, s.proxyB.open)
    log('   cmd after close', await Promise.all(cs.map((c) => settle(c.ping()))))
  }
  await s[Symbol.asyncDispose]()
})
it('16 setSources', async () => {
  await using s = await twoServers({ heartbeatMs: 200 })
  const c = s.client
  const sub = s.rr.client(); await sub.subscribe('a')
  const bl = s.rr.client(); await bl.ping(); const b = settle(bl.blpop('qq', 0), 8000)
  await sleep(50)
  const ps: Promise<unknown>[] = []
  let i = 0
  const t = setInterval(() => { for (let k = 0; k < 20; k++) ps.push(settle(c.rpush('l', String(i++)), 8000)) }, 5)
  for (let k = 0; k < 10; k++) { s.rr.setSources([urlOf(k % 2 ? s.proxyA : s.proxyB)]); await sleep(60) }
  clearInterval(t)
  const rs = await Promise.all(ps) as any[]
  const all = [...(await s.a.command('LRANGE', 'l', '0', '-1')).split('\n'), ...(await s.b.command('LRANGE', 'l', '0', '-1')).split('\n')].filter(Boolean)
  log('16 n', rs.length, 'ok', rs.filter((r) => r.ok !== undefined).length, 'kinds', [...new Set(rs.filter((r) => r.ok === undefined).map((r) => JSON.stringify(r).slice(0, 120)))], 'dup', all.length - new Set(all).size, 'stored', all.length)
  const t0 = Date.now()
  log('16 blpop', await b, Date.now() - t0)
  await sleep(300)
  log('16 sub', sub.status, await s.a.command('PUBSUB', 'CHANNELS'), await s.b.command('PUBSUB', 'CHANNELS'), 'open', s.proxyA.open, s.proxyB.open)
})
it('17 duplicate with commandTimeout', async () => {
  await using s = await twoServers({ backoff: { initialMs: 3000, maxMs: 3000 } })
  const c = s.client.duplicate({ commandTimeout: 100 })
  await c.set('x', 1)
  await s.proxyA.mute(); await s.proxyB.mute(); s.proxyA.cut(); s.proxyB.cut()
  await waitFor(() => c.status !== 'ready')
  log('17', await settle(c.set('late', 1)))
  s.proxyA.cut(); s.proxyB.cut()
  await s.proxyA.pass(); await s.proxyB.pass(); s.proxyA.cut(); s.proxyB.cut()
  await sleep(6000)
  log('17 late on A', await s.a.command('GET', 'late'), 'B', await s.b.command('GET', 'late'))
})
it('18 maxclients, one source, and one healthy other', async () => {
  const a = await startRedis({ name: 'A' }), b = await startRedis({ name: 'B' })
  const pa = await startProxy(a), pb = await startProxy(b)
  await a.command('CONFIG', 'SET', 'maxclients', '1')
  for (const [name, src, opt] of [['single', [pa], {}], ['cooldown', [pa, pb], { cooldownMs: 10000 }]] as const) {
    if (name === 'cooldown') await b.command('CONFIG', 'SET', 'maxclients', '1')
    const d0 = pa.dials + pb.dials
    const rr = new RedisRoundRobin(src.map(urlOf), opt)
    const c = rr.client()
    const p = settle(c.set('k', 1), 4000)
    await sleep(2000)
    log('18', name, 'dials in 2s', pa.dials + pb.dials - d0, await p)
    await rr.close({ drainMs: 0 })
    await sleep(200)
  }
  for (const x of [pa, pb, a, b]) await x[Symbol.asyncDispose]()
})
