import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { waitFor } from './wait-for.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('returns what the condition gave, without a pause if it holds already', async () => {
  expect(await waitFor(() => 'there')).toBe('there')
  expect(vi.getTimerCount()).toBe(0)
})

test('looks again until the condition is truthy, also after it threw', async () => {
  const looks = [() => 0, () => Promise.reject(new Error('not yet')), () => Promise.resolve(7)]
  const found = waitFor(() => looks.shift()?.(), { intervalMs: 10 })
  await vi.advanceTimersByTimeAsync(20)
  expect(await found).toBe(7)
  expect(vi.getTimerCount()).toBe(0)
})

test('gives up after timeoutMs, naming what and the time, with the last error as cause', async () => {
  const cause = new Error('closed')
  const failed = expect(waitFor(() => Promise.reject(cause), { timeoutMs: 40, what: 'the door' })).rejects
  const check = failed.toMatchObject({ message: 'waited 40 ms in vain for the door', cause })
  await vi.advanceTimersByTimeAsync(40)
  await check
  expect(vi.getTimerCount()).toBe(0)
})

test('by default waits 10 s, and names the condition’s own text', async () => {
  const check = expect(waitFor(() => false)).rejects.toThrow('waited 10000 ms in vain for () => false')
  await vi.advanceTimersByTimeAsync(9_999)
  expect(vi.getTimerCount()).toBeGreaterThan(0)
  await vi.advanceTimersByTimeAsync(1)
  await check
})

test('gives up on a condition that hangs', async () => {
  const hangs = new Promise<never>(() => {})
  const check = expect(waitFor(() => hangs, { timeoutMs: 5, what: 'Godot' })).rejects.toThrow('Godot')
  await vi.advanceTimersByTimeAsync(5)
  await check
})

test('stops when its signal aborts, and does not start when it has', async () => {
  const controller = new AbortController()
  const check = expect(waitFor(() => false, { signal: controller.signal })).rejects.toBe('enough')
  controller.abort('enough')
  await check
  const look = vi.fn()
  await expect(waitFor(look, { signal: controller.signal })).rejects.toBe('enough')
  expect(look).not.toHaveBeenCalled()
  expect(vi.getTimerCount()).toBe(0)
})

test.each([
  [{ timeoutMs: -1 }, 'timeoutMs must be milliseconds from 0 to 2147483647; got -1'],
  [{ intervalMs: Number.NaN }, 'intervalMs must be milliseconds from 0 to 2147483647; got NaN'],
])('refuses %o', async (options, message) => {
  await expect(waitFor(() => true, options)).rejects.toThrow(message)
})

test('refuses a condition that is no function', async () => {
  await expect(waitFor(true as never)).rejects.toThrow('condition must be a function; got true')
})
