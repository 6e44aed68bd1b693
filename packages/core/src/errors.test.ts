import { expect, test } from 'vitest'
import * as core from './index.ts'

const { ClosedError, ExhaustedError, InvalidError, OutcomeUnknownError, TimeoutError, TourniquetError } = core

test.each([
  [TourniquetError, 'TourniquetError', 'TOURNIQUET'],
  [OutcomeUnknownError, 'OutcomeUnknownError', 'TOURNIQUET_OUTCOME_UNKNOWN'],
  [TimeoutError, 'TimeoutError', 'TOURNIQUET_TIMEOUT'],
  [ClosedError, 'ClosedError', 'TOURNIQUET_CLOSED'],
  [InvalidError, 'InvalidError', 'TOURNIQUET_INVALID'],
] as const)('%o has a name and a stable code', (Type, name, code) => {
  const error = new Type('message')
  expect(error).toMatchObject({ name, code, message: 'message', outcome: 'not-applied' })
  expect(error).toBeInstanceOf(Type)
  expect(error).toBeInstanceOf(TourniquetError)
  expect(error).toBeInstanceOf(Error)
  expect(String(error)).toBe(`${name}: message`)
})

test('an ExhaustedError has what an AggregateError has, and the last error as its cause', () => {
  const errors = [new Error('one'), Object.assign(new Error('two'), { code: 'ECONNREFUSED' })]
  const attempts = errors.map((error, index) => ({ provider: `p${index}`, source: index, error, durationMs: 1 }))
  const error = new ExhaustedError('nobody is there', { attempts })
  expect(error.code).toBe('TOURNIQUET_EXHAUSTED')
  expect(error.errors).toEqual(errors)
  expect(error.cause).toBe(errors[1])
  expect(error.message).toBe('nobody is there; tried p0 (Error), p1 (ECONNREFUSED)')
})

test('they are recognised across duplicate installs', async () => {
  const { vi } = await import('vitest')
  vi.resetModules()
  const other: typeof core = await import('./index.ts')
  expect(other.ClosedError).not.toBe(ClosedError)
  expect(new other.ClosedError('x')).toBeInstanceOf(ClosedError)
  expect(new other.ClosedError('x')).toBeInstanceOf(TourniquetError)
  expect(new other.ClosedError('x')).not.toBeInstanceOf(TimeoutError)
})

test("instanceof is as usual for anything else, and for an application's own subclass", () => {
  class Own extends ClosedError {}
  expect(new Own('x')).toBeInstanceOf(Own)
  expect(new Own('x')).toBeInstanceOf(ClosedError)
  expect(new ClosedError('x')).not.toBeInstanceOf(Own)
  for (const value of [undefined, null, 7, 'x', {}, new Error('x')])
    expect(value instanceof TourniquetError).toBe(false)
})
