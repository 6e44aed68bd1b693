import { expect, test } from 'vitest'
import { faultScript } from './script.ts'

const faults = [{ name: 'kill' }, { name: 'freeze' }, { name: 'blink', lastsMs: [5, 5] as const }]
const options = { faults, providers: 3, strikes: 30 }

test('the same seed gives the same script, another one another', () => {
  expect(faultScript(7, options)).toEqual(faultScript(7, options))
  expect(faultScript(7, options)).not.toEqual(faultScript(8, options))
})

test('a longer script begins like a shorter one', () => {
  expect(faultScript(7, { ...options, strikes: 7 })).toEqual(faultScript(7, options).slice(0, 7))
})

test('each fault comes equally often, most at the current provider, each within its time', () => {
  const script = faultScript(1, options)
  for (const { name } of faults) expect(script.filter(({ fault }) => fault === name).length).toBe(10)
  expect(script.filter(({ offset }) => offset === 0).length).toBeGreaterThan(15)
  for (const { fault, offset, afterMs, lastsMs } of script) {
    expect([0, 1, 2]).toContain(offset)
    expect(afterMs).toBeGreaterThan(0)
    expect(lastsMs).toBeGreaterThanOrEqual(fault === 'blink' ? 5 : 50)
    expect(lastsMs).toBeLessThanOrEqual(fault === 'blink' ? 5 : 400)
  }
})
