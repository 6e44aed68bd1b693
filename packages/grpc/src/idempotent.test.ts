import { expect, test } from 'vitest'
import { idempotentMethods } from './idempotent.ts'

test.each([
  ['NO_SIDE_EFFECTS', true],
  ['IDEMPOTENT', true],
  [1, true],
  [2, true],
  ['IDEMPOTENCY_UNKNOWN', false],
  [0, false],
  [undefined, false],
])('a method of the level %s', (level, expected) => {
  const path = '/a.B/C'
  expect(idempotentMethods({ C: { path, options: { idempotency_level: level } } })(path)).toBe(expected)
  expect(idempotentMethods({ C: { path, options: { idempotencyLevel: level } } })(path)).toBe(expected)
  expect(
    idempotentMethods({ fullName: 'a.B', methods: { c: { name: 'C', options: { idempotencyLevel: level } } } })(path),
  ).toBe(expected)
  expect(idempotentMethods({ C: { path } })(path)).toBe(false)
})
