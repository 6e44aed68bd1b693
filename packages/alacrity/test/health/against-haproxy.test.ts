import { waitFor } from '@tourniquet/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckResult } from '../../src/health/contract.ts'
import { runCheck } from '../../src/health/run-check.ts'
import { timeoutsOf } from '../../src/health/schedule.ts'
import { checkDescription } from '../../src/health/status.ts'
import { serverCheck } from './check-options.ts'
import { type CheckingHAProxy, startHAProxy } from './haproxy.ts'
import { type Behaviour, startScripted } from './scripted.ts'
import { behavioursOf, common, type Way } from './ways/way.ts'
import { ways } from './ways.ts'

// Both check the same little servers, with the same time-outs; what the two say is compared word by word.

const connectTimeoutMs = 1_000
const answerTimeoutMs = 1_200

const servers: AsyncDisposable[] = []
const ports = new Map<string, number>()
let haproxy: CheckingHAProxy
let rows: Map<string, Record<string, string>>

/** `common` ones are shared by all ways. */
const keyOf = (way: Way, name: string): string => (name in common ? name : `${way.name} ${name}`)
const backendOf = (way: Way, name: string): string =>
  `${way.name}_${name}`.replace(/[^a-z0-9]/gi, (sign) => `.${sign.charCodeAt(0)}`)

beforeAll(async () => {
  const sections: string[] = []
  for (const way of ways) {
    for (const [name, behaviour] of behavioursOf(way)) {
      const key = keyOf(way, name)
      if (!ports.has(key)) ports.set(key, await listening(behaviour))
      sections.push(section(way, name, ports.get(key) as number))
    }
  }
  haproxy = await startHAProxy(sections.join(''))
  servers.push(haproxy)
  rows = await waitFor(allChecked, { timeoutMs: 20_000, intervalMs: 100 })
})
afterAll(async () => {
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
})

async function listening(behaviour: Behaviour): Promise<number> {
  const server = await startScripted(behaviour)
  servers.push(server)
  return server.port
}

/** One check is enough: the first comes soon, the next ones after 100 s. */
function section(way: Way, name: string, port: number): string {
  const words = `check inter 100s fastinter 1s downinter 100s ${way.words ?? ''}`
  const lines = [`timeout connect ${connectTimeoutMs}`, `timeout check ${answerTimeoutMs}`, ...way.lines]
  return [`backend ${backendOf(way, name)}`, ...lines, `server s1 127.0.0.1:${port} ${words}`, ''].join('\n')
}

async function allChecked(): Promise<Map<string, Record<string, string>> | undefined> {
  const found = (await haproxy.rows()).filter(({ svname }) => svname === 's1')
  const isDone = found.every(({ check_status = '' }) => !/INI|^\*/.test(check_status))
  return isDone ? new Map(found.map((row) => [row.pxname as string, row])) : undefined
}

const look = async (way: Way, name: string): Promise<CheckResult> =>
  await runCheck({
    target: { host: '127.0.0.1', port: ports.get(keyOf(way, name)) as number },
    method: way.method,
    check: serverCheck(way.check),
    connectTimeoutMs,
    answerTimeoutMs,
    signal: new AbortController().signal,
  })

test('without a time-out for answers everything has to be done within inter', async () => {
  const names = ['silent', 'dark'] as const
  const lines = ['timeout connect 100', 'option redis-check']
  const server = (name: string): string => `server s1 127.0.0.1:${ports.get(name)} check inter 300 downinter 100s`
  const sections = names.map((name) => [`backend ${name}`, ...lines, server(name), ''].join('\n'))
  await using other = await startHAProxy(sections.join(''))
  const check = serverCheck({ interMs: 300, fastinterMs: 60_000, downinterMs: 60_000 })
  for (const name of names) {
    const row = async (): Promise<Record<string, string>> => await other.row(name, 's1')
    await waitFor(async () => (await row()).status === 'DOWN')
    const { check_status, check_duration } = await row()
    const target = { host: '127.0.0.1', port: ports.get(name) as number }
    const limits = timeoutsOf(check, { connectMs: 100 })
    const found = await runCheck({
      target,
      method: { kind: 'redis' },
      check,
      ...limits,
      signal: new AbortController().signal,
    })
    expect(found.status).toBe(check_status)
    for (const ms of [found.ms, Number(check_duration)]) {
      expect(ms).toBeGreaterThanOrEqual(295) // clocks are read in whole milliseconds
      expect(ms).toBeLessThan(10_000)
    }
  }
})

/** Without what depends on the moment: why a handshake failed is said or not, a reset is noticed at one step or the next. */
function steady(text: string): string {
  return text
    .replace(/^(SSL handshake failure) \([^)]*\)/, '$1')
    .replace(/^(Connection reset by peer) at step .*/, '$1')
}

describe('what a check says', () => {
  test.concurrent.each(ways.map((way) => [way.name, way] as const))('%s', async (_, way) => {
    const ours: Record<string, unknown> = {}
    const theirs: Record<string, unknown> = {}
    await Promise.all(
      behavioursOf(way).map(async ([name]) => {
        const { status, code, text, ms } = await look(way, name)
        const row = rows.get(backendOf(way, name)) as Record<string, string>
        ours[name] = {
          status,
          code: code === undefined ? '' : String(code),
          text: steady(text),
          description: checkDescription(status),
        }
        theirs[name] = {
          status: row.check_status,
          code: row.check_code,
          text: steady(row.last_chk ?? ''),
          description: row.check_desc,
        }
        if (!status.endsWith('TOUT')) return
        const limit = status === 'L7TOUT' ? answerTimeoutMs : connectTimeoutMs
        expect(ms, name).toBeGreaterThanOrEqual(limit - 5) // clocks are read in whole milliseconds
        expect(ms, name).toBeLessThan(3 * limit)
      }),
    )
    expect(ours).toEqual(theirs)
  })
})
