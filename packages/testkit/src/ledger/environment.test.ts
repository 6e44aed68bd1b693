import { expect, test } from 'vitest'
import { fromEnvironment, replayOf } from './environment.ts'

test('without the variables it is what the options say, with defaults', () => {
  expect(fromEnvironment({}, {})).toMatchObject({ operations: 1000, strikes: 100, limitMs: 60_000, seed: 1 })
  expect(fromEnvironment({ operations: 5, seed: 2 }, {})).toMatchObject({ operations: 5, seed: 2 })
})

test('a share makes it longer, or shorter; each fault still comes', () => {
  const faults = Array.from({ length: 12 }, (_, at) => ({ name: `fault ${at}`, strike: () => {} }))
  const long = { operations: 5000, strikes: 500, limitMs: 300_000 }
  expect(fromEnvironment({}, { TOURNIQUET_SHARE: '5' })).toMatchObject(long)
  const short = { operations: 100, strikes: 12, limitMs: 60_000 }
  expect(fromEnvironment({ faults }, { TOURNIQUET_SHARE: '0.1' })).toMatchObject(short)
})

test('the seed is a number, also one with the path of a property test behind it, or random', () => {
  expect(fromEnvironment({}, { TOURNIQUET_SEED: '42' }).seed).toBe(42)
  expect(fromEnvironment({}, { TOURNIQUET_SEED: '-42/1:2' }).seed).toBe(42)
  const { seed } = fromEnvironment({}, { TOURNIQUET_SEED: 'random' })
  expect(Number.isSafeInteger(seed)).toBe(true)
})

test('what to set for a replay', () => {
  expect(replayOf(7, {})).toBe('TOURNIQUET_SEED=7')
  expect(replayOf(7, { TOURNIQUET_SHARE: '5' })).toBe('TOURNIQUET_SEED=7 TOURNIQUET_SHARE=5')
})

test.each([
  [{ TOURNIQUET_SEED: 'seven' }, "TOURNIQUET_SEED must be a whole number, or 'random'; got 'seven'"],
  [{ TOURNIQUET_SEED: '1.5' }, "TOURNIQUET_SEED must be a whole number, or 'random'; got '1.5'"],
  [{ TOURNIQUET_SHARE: '0' }, "TOURNIQUET_SHARE must be a number above 0; got '0'"],
])('refuses %o', (variables, message) => {
  expect(() => fromEnvironment({}, variables)).toThrow(message)
})
