import { startRedisPair, startRedis, startProxy, waitFor } from '@tourniquet/testkit'
import { RedisRoundRobin } from '@tourniquet/redis'
import { setTimeout as sleep } from 'node:timers/promises'
const show = (what: string) => (e: any) => console.log(what, '→', e?.name, e?.code, e?.outcome, '|', e?.message, '| cause:', e?.cause?.message)
const url = (p: any) => `redis://${p.host}:${p.port}`
async function two(o = {}) {
  const [a, b] = await Promise.all([startRedis({ name: 'A' }), startRedis({ name: 'B' })])
  const pa = await startProxy(a), pb = await startProxy(b)
  const rr = new RedisRoundRobin([url(pa), url(pb)], o)
  const client = rr.client()
  await client.set('x', '1')
  return { a, b, pa, pb, rr, client, async end() { await rr.close({ drainMs: 0 }); for (const e of [pa, pb, a, b]) await e[Symbol.asyncDispose]() } }
}
{
  const s = await two()
  await s.a.freeze()
  const ps = [
    s.client.incr('n').then(show('incr ok'), show('incr lost')), s.client.get('x').then((v) => console.log('get', v), show('get')),
    s.client.multi().set('x', '2').exec().then((v) => console.log('multi', v), show('multi')),
    s.client.pipeline().get('x').incr('n').exec().then((v) => console.log('pipeline', v), show('pipeline')),
    s.rr.run(r => r.incr('n')).then((v) => console.log('run', v), show('run')),
    s.rr.run(r => r.incr('n'), { idempotent: true }).then((v) => console.log('run idem', v), show('run')),
    s.rr.pipeline(p => p.get('x').incr('n')).then((v) => console.log('rr.pipeline', v), show('rr.pipeline')),
    s.rr.pipeline(p => p.get('x').get('n')).then((v) => console.log('rr.pipeline ro', v), show('rr.pipeline ro')),
    s.rr.transaction(p => p.get('x').get('n')).then((v) => console.log('rr.tx', v), show('rr.tx')),
    s.rr.transaction(p => p.get('x').incr('n'), {idempotent: true}).then((v) => console.log('rr.tx idem', v), show('rr.tx idem')),
    s.client.eval('return 1', 0).then((v) => console.log('eval', v), show('eval')),
  ]
  await sleep(100)
  s.a.kill(); s.pa.cut()
  await Promise.all(ps)
  await s.end()
}
{
  const s = await two()
  await s.a.freeze()
  const p = s.client.incr('n').catch(show('client.disconnect in flight'))
  await sleep(50)
  s.client.disconnect(); await p
  await s.end()
}
{
  const s = await two()
  const p = s.client.blpop('n', 0).catch(show('rr.close in flight blpop'))
  const r = s.rr.run(r => r.blpop('n', 0)).catch(show('rr.close in flight run'))
  await sleep(50)
  const t = Date.now(); await s.rr.close({ drainMs: 300 }); console.log('closed after', Date.now() - t); await p; await r
  await s.client.get('x').catch(show('after close'))
  await s.end()
}
{
  const s = await two()
  await Promise.all([s.a.kill(), s.b.kill()])
  let t = Date.now()
  await s.client.get('x').catch(show('all down')); console.log(Date.now() - t)
  t = Date.now()
  await s.client.get('x').catch(show('all down 2')); console.log(Date.now() - t)
  t = Date.now()
  await s.rr.run(r => r.get('x')).catch(show('all down run')); console.log(Date.now() - t)
  await s.end()
}
{
  const s = await two({ deadlineMs: 300, attemptTimeoutMs: 200 })
  await s.pa.freeze()
  let t = Date.now()
  const p = s.client.get('x').then((v) => console.log('get', v), show('deadline get'))
  await s.rr.run(r => r.get('x')).then((v) => console.log('get', v), show('deadline run')); console.log(Date.now() - t)
  await p; console.log('client get after', Date.now() - t)
  await s.end()
}
{
  const s = await two({ idempotent: true })
  await s.a.freeze()
  const ps = [s.client.incr('n').then((v) => console.log('idem incr', v), show('incr')), s.client.multi().set('x', '2').exec().then((v) => console.log('idem multi', v), show('idem multi'))]
  await sleep(100)
  s.a.kill(); s.pa.cut()
  await Promise.all(ps)
  const open = await s.client.multi({ pipeline: false })
  await s.rr.failover().catch(show('failover'))
  await sleep(100)
  await s.client.set('q', 1).catch(show('open multi'))
  await s.client.exec().catch(show('exec'))
  await s.end()
}
