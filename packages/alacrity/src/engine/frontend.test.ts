import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { ProxyConfig } from '../config/model.ts'
import { cellsFor, shared, sharedOf } from './cells.ts'
import { Frontend } from './frontend.ts'
import { Numbers } from './numbers.ts'
import type { ProxyPlan } from './plan.ts'

const threads = 2

/** The same frontends, as each of two threads sees them; `limits` are the process' and theirs. */
function frontends(process: number, ...limits: number[]): Frontend[][] {
  const cells = cellsFor(threads)
  sharedOf(cells)[shared.maxconn] = process
  const plans = limits.map((limit, at) => {
    const frontend = cellsFor(threads)
    sharedOf(frontend)[shared.maxconn] = limit
    return { serial: at, config: { name: `f${at}` } as ProxyConfig, frontend, servers: [] } satisfies ProxyPlan
  })
  return [0, 1].map((thread) => plans.map((plan) => new Frontend(plan, new Numbers(cells, thread), thread)))
}

const parked = { socket: {} as Socket, acceptProxy: false }

describe('the door of a frontend', () => {
  test('who leaves the last place of the process tells those who stand at another frontend, in another thread', () => {
    const [[here], [, there]] = frontends(1, 0, 0) as [[Frontend, Frontend], [Frontend, Frontend]]
    expect([here.tryEnter(), there.tryEnter()]).toEqual([true, false])
    there.park(parked)
    expect(there.tryEnter()).toBe(false)
    expect(here.leave()).toBe(true)
    expect(there.tryEnter()).toBe(true)
    there.unpark()
    expect(there.leave()).toBe(false)
  })

  test('who stands before a frontend that is full is not told of every place of another', () => {
    const [[here], [, there]] = frontends(10, 0, 1) as [[Frontend, Frontend], [Frontend, Frontend]]
    expect([there.tryEnter(), there.tryEnter(), here.tryEnter()]).toEqual([true, false, true])
    there.park(parked)
    expect(here.leave()).toBe(false)
  })

  test('one that the process has no room for has not been there', () => {
    const [[here, other]] = frontends(1, 0, 5) as [[Frontend, Frontend]]
    expect([here.tryEnter(), other.tryEnter()]).toEqual([true, false])
    expect([...other.numbers.shared.subarray(shared.cur, shared.max + 1)]).toEqual([0, 0])
  })
})
