import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lacking, prometheus } from '../../src/stats/prometheus.ts'
import { type RealHaproxy, startHaproxy } from '../api/real-haproxy.ts'
import { MemoryWatched } from '../api/watched.ts'

interface Metric {
  readonly type: string
  readonly samples: Map<string, string>
}

/** The exposition format, read strictly: a line that is neither comment nor sample fails. */
function metricsOf(text: string): Map<string, Metric> {
  const metrics = new Map<string, Metric>()
  for (const line of text.trimEnd().split('\n')) {
    const [, name, type] = /^# TYPE (\w+) (gauge|counter)$/.exec(line) ?? []
    const sample = /^(\w+)(\{.*\})? (-?[\d.]+|NaN)$/.exec(line)
    if (name) metrics.set(name, { type: type!, samples: new Map() })
    else if (sample) metrics.get(sample[1]!)!.samples.set(sample[2] ?? '', sample[3]!)
    else expect(line).toMatch(/^# HELP \w+ .+$/)
  }
  return metrics
}

describe('beside the real exporter', () => {
  let haproxy: RealHaproxy
  let theirs: Map<string, Metric>
  let ours: Map<string, Metric>
  beforeAll(async () => {
    haproxy = await startHaproxy()
    theirs = metricsOf(await (await fetch(`${haproxy.http}/metrics`)).text())
    const watched = new MemoryWatched()
    const all = new Map([...watched.info(), ...(await infoOf(haproxy))])
    watched.info = () => all
    ours = metricsOf(prometheus(watched))
  })
  afterAll(() => haproxy[Symbol.asyncDispose]())

  it('has all of its names but those that mean nothing here', () => {
    const missing = [...theirs.keys()].filter((name) => !ours.has(name))
    expect(missing.filter((name) => !lacking.some(({ names }) => names.test(name)))).toEqual([])
    expect([...ours.keys()].filter((name) => !theirs.has(name))).toEqual([])
    const unused = lacking.filter(({ names }) => ![...theirs.keys()].some((name) => names.test(name)))
    expect(unused).toEqual([])
    expect([...ours.keys()].filter((name) => lacking.some(({ names }) => names.test(name)))).toEqual([])
    expect(ours.size).toBeGreaterThan(120)
  })

  it('has its types and its labels, in its order', () => {
    for (const [name, metric] of ours) {
      const real = theirs.get(name)!
      const labels = [...real.samples.keys()].filter((text) => !text.includes('proxy="http"'))
      const version = name === 'haproxy_process_build_info'
      expect([name, metric.type, ...(version ? [] : metric.samples.keys())]).toEqual([
        name,
        real.type,
        ...(version ? [] : labels),
      ])
    }
    const order = [...theirs.keys()].filter((name) => ours.has(name))
    expect([...ours.keys()].filter((name) => !/_process_/.test(name))).toEqual(
      order.filter((name) => !/_process_/.test(name)),
    )
  })

  it('writes its states, and its NaN, as it does', () => {
    const same = [
      'server_status',
      'server_check_status',
      'server_limit_sessions',
      'server_queue_limit',
      'frontend_status',
    ]
    same.push(
      'backend_status',
      'server_weight',
      'server_check_code',
      'backend_agg_server_status',
      'server_last_session_seconds',
    )
    same.push('backend_agg_check_status', 'server_queue_time_average_seconds', 'backend_max_total_time_seconds')
    for (const name of same.map((each) => `haproxy_${each}`)) {
      const real = [...theirs.get(name)!.samples].filter(([labels]) => !labels.includes('proxy="http"'))
      expect([name, ...ours.get(name)!.samples]).toEqual([name, ...real])
    }
  })

  it.each(['server', 'frontend&scope=backend', '', '*', 'global', 'server&no-maint'])(
    'understands ?scope=%s',
    async (query) => {
      const real = metricsOf(
        await (await fetch(`${haproxy.http}/metrics?scope=${query}`)).text().then((text) => text || '# HELP x x'),
      )
      const wanted = new URLSearchParams(`scope=${query}`)
      const options = { scopes: wanted.getAll('scope'), noMaint: wanted.has('no-maint') }
      const own = metricsOf(prometheus(new MemoryWatched(), options) || '# HELP x x')
      const kinds = (metrics: Map<string, Metric>) =>
        new Set([...metrics.keys()].map((name) => name.split('_', 2).join('_')))
      expect(kinds(own)).toEqual(kinds(real))
      const status = 'haproxy_server_status'
      expect([...(own.get(status)?.samples.keys() ?? [])]).toEqual([...(real.get(status)?.samples.keys() ?? [])])
    },
  )
})

it('escapes what a label may not hold', () => {
  const watched = new MemoryWatched()
  watched.info = () => new Map([['Version', 'a"b\\c\nd']])
  expect(prometheus(watched, { scopes: ['global'] })).toContain('{version="a\\"b\\\\c\\nd"} 1\n')
})

async function infoOf({ socket }: RealHaproxy): Promise<Map<string, number>> {
  const { ask } = await import('../api/ask.ts')
  const pairs = (await ask(socket, 'show info')).matchAll(/^([^:\n]+): (\d+)$/gm)
  return new Map([...pairs].map(([, name, value]) => [name!, Number(value)]))
}
