import { always, proxy, sampleProxies, server, statsConfig } from './sample.ts'
import { MemoryWatched } from './watched.ts'

const check = { interMs: 500, fastinterMs: 500, downinterMs: 500, fall: 3, rise: 2, tls: false }

/** A site with something to see: databases, a queue, a server that is down, and names that would like to be markup. */
export function busyWatched(description = 'nasty <img src=x onerror=alert(1)>'): MemoryWatched {
  const db = proxy('listen', 'postgres', 2, {
    servers: [
      ...['pg-1', 'pg-2', 'pg-3', 'pg-4'].map((name, index) =>
        server(name, 5432 + index, { check, weight: 10, maxconn: 200 }),
      ),
      server('pg-spare', 5442, { check, backup: true }),
    ],
  })
  const [, front, back] = sampleProxies
  return new MemoryWatched([db, front!, { ...back!, description }])
}

export const busyStats = statsConfig({
  admin: always,
  refreshMs: 500,
  showLegends: true,
  showNode: 'lb-1',
  showDesc: 'Frankfurt <script>alert(2)</script>',
})

/** One more moment of traffic. */
export function tick(watched: MemoryWatched, moment: number): void {
  const wave = (offset: number) =>
    Math.round(40 + 30 * Math.sin((moment + offset) / 5) + ((moment * 7 + offset * 13) % 9))
  const total = { bin: 812_345 * moment + 9_000_000, bout: 5_812_345 * moment + 80_000_000 }
  const some = { stot: 18_000 + moment * 160, scur: wave(1) * 3, smax: 289, rate: wave(2), rate_max: 92, ...total }
  for (const [name, value] of Object.entries({
    CurrConns: wave(1) * 3,
    ConnRate: wave(2),
    SessRate: wave(2),
    MaxConnRate: 92,
    MaxSessRate: 92,
  })) {
    watched.numbers.set(name, value)
  }
  watched.extra.set('postgres/FRONTEND', { ...some, conn_tot: some.stot })
  watched.extra.set('postgres/BACKEND', { ...some, lbtot: some.stot, qtime: 1, ctime: 2, ttime: 341, lastsess: 0 })
  for (const [index, name] of ['pg-1', 'pg-2', 'pg-3'].entries()) {
    const part = {
      stot: 6_000 + moment * 53 + index,
      scur: wave(index),
      smax: 98,
      rate: wave(index * 4) >> 1,
      rate_max: 41,
    }
    const times = { qtime: index, ctime: 1 + index, ttime: 320 + index * 14, lastsess: 0, check_duration: 1 + index }
    watched.extra.set(`postgres/${name}`, {
      ...part,
      ...times,
      lbtot: part.stot,
      bin: total.bin / 3,
      bout: total.bout / 3,
    })
  }
  watched.extra.set('postgres/pg-2', {
    ...watched.extra.get('postgres/pg-2'),
    status: 'UP 1/3',
    weight: 4,
    throttle: 40,
  })
  watched.extra.set('postgres/pg-4', {
    ...{
      status: 'DOWN',
      check_status: 'L4CON',
      check_desc: 'Layer4 connection problem',
      last_chk: 'Connection refused',
    },
    ...{ lastchg: 754, downtime: 812, chkfail: 12, chkdown: 2, econ: 3, wretr: 9, wredis: 3, stot: 4_211 },
  })
}
