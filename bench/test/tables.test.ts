import { describe, expect, test } from 'vitest'
import { canBalance } from '../balancer/can-balance.ts'
import { idleGoal } from '../balancer/goals.ts'
import type { BalancerTable } from '../balancer/measure.ts'
import type { CostTable } from '../cost/measured.ts'
import { boundOf, rowIds, rows } from '../cost/rows.ts'
import type { DropInTable } from '../drop-in/measure.ts'
import type { FailoverTable } from '../outage/measure.ts'
import { scenarios } from '../outage/scenarios.ts'
import { canMeasure, measure } from './measure.ts'

// One after the other, in one file: side by side they would measure each other.
describe.skipIf(!canMeasure)('measured in short', { timeout: 240_000 }, () => {
  test('what the connected path costs stays within its bounds', async () => {
    const table = await measure<CostTable>('cost')
    const ours = (id: (typeof rowIds)[number]) => table.rows[id].figures.tourniquet?.median
    expect(ours('ticks')).toBe(1)
    for (const id of rowIds) expect(ours(id), rows[id].label).toBeLessThanOrEqual(boundOf(rows[id]))
    for (const { name } of table.contenders) expect(table.rows.time.figures[name]?.median, name).toBeGreaterThan(1)
  })

  test('every failover takes all calls along, with one dial', async () => {
    const { subjects } = await measure<FailoverTable>('failover')
    expect(subjects.length).toBeGreaterThan(0)
    for (const { name, outcomes } of subjects) {
      for (const [at, { label, inFlight, fault, options }] of scenarios.entries()) {
        const succeeded = Math.max(1, inFlight)
        const dialsToB = options?.standby ? 0 : 1
        expect(outcomes[at], `${name}: ${label}`).toMatchObject([{ succeeded, failed: 0, dialsToB }])
        const isDialledOnce = fault.startsWith('kill') && !options?.standby
        if (isDialledOnce) expect(outcomes[at], `${name}: ${label}`).toMatchObject([{ dialsToA: 0 }])
      }
    }
  })

  test('each drop-in stays within its bounds, and takes all calls along', async () => {
    const { subjects } = await measure<DropInTable>('drop-in')
    expect(subjects.length).toBeGreaterThan(0)
    for (const { name, rows } of subjects) {
      for (const { what, way, goal = Number.POSITIVE_INFINITY, ratio, succeeded } of rows) {
        // The best round of many calls may be half as much again, the time of one kill three times as much.
        const leeway = succeeded === undefined ? 1.5 : 3
        expect(ratio.min, `${name}: ${what}, ${way}`).toBeLessThanOrEqual(leeway * goal)
        expect(succeeded ?? 1_000, `${name}: ${what}, ${way}`).toBe(1_000)
      }
    }
  })

  test.skipIf(!canBalance)('the balancer serves all that is asked for, within its bounds', async () => {
    const { rows, idle } = await measure<BalancerTable>('balancer')
    for (const { what, balancer, errors, units, ratio, goal = Number.POSITIVE_INFINITY } of rows) {
      expect(errors, `${what}, ${balancer}`).toBe(0)
      expect(units, `${what}, ${balancer}`).toBeGreaterThan(1)
      // One turn each, of a second.
      expect(ratio.median, `${what}, ${balancer}`).toBeLessThanOrEqual(3 * goal)
    }
    for (const { balancer, memory } of idle) expect(memory.median, balancer).toBeLessThanOrEqual(idleGoal)
  })
})
