import { afterEach, expect, test, vi } from 'vitest'
import { LiveTimeline } from '../src/timeline/live.ts'
import type { ProviderStand, Snapshot } from '../src/timeline/timeline.ts'

const COLUMNS = 80

function snapshotOf(...providers: ProviderStand[]): Snapshot {
  const numbers = { callsPerSecond: 500, p50Ms: 10, p99Ms: 300, made: 9_999, succeeded: 9_990, failed: 9, inFlight: 50 }
  return { providers, failovers: 7, ...numbers }
}

const current = { name: 'A', state: 'current', isCurrent: true, mark: undefined, acknowledged: 60 }
const idle = { name: 'B', state: 'up', isCurrent: false, mark: undefined, acknowledged: 0 }
const frozen = { name: 'C', state: 'frozen', isCurrent: false, mark: 'F', acknowledged: 0 }

/** Shows two snapshots and a piece of news between them; returns each write. */
function writesOfAShow(): string[] {
  const writes: string[] = []
  const output = { columns: COLUMNS, write: (text: string) => writes.push(text) }
  const timeline = new LiveTimeline(output as unknown as NodeJS.WriteStream, 20)
  timeline.begin({ name: 'core', description: 'a test' })
  timeline.start([{ mark: 'F', state: 'frozen' }])
  timeline.tick(snapshotOf(current, idle, frozen))
  timeline.say('fault', `freeze C: ${'very '.repeat(30)}cold`)
  timeline.tick(snapshotOf(current, idle, frozen))
  timeline.end()
  return writes
}

/** What is left of a text without the codes that move the cursor, erase or colour. */
function visible(text: string): string {
  const [head = '', ...parts] = text.replaceAll('\r', '').split('\x1b')
  return head + parts.map((part) => part.replace(/^\[\??\d*[A-Za-z]/, '')).join('')
}

afterEach(() => vi.unstubAllEnvs())

test('shows who is current, who is not, and what was done to whom', () => {
  vi.stubEnv('NO_COLOR', '1')
  const [, , , , last = ''] = writesOfAShow()
  expect(last).toContain('▶ A current  █')
  expect(last).toContain('  B up       ·')
  expect(last).toContain('  C frozen   F')
  expect(last).toContain('500 calls/s, p50 10 ms, p99 300 ms, failovers 7')
  expect(last).toContain('calls 9,999   ok 9,990   failed 9   in flight 50')
})

test.each(['', '1'])('redraws its lines in place, none of them wrapped (NO_COLOR="%s")', (noColor) => {
  vi.stubEnv('NO_COLOR', noColor)
  const [, , block = '', news = '', again = ''] = writesOfAShow()
  const height = block.split('\n').length - 1
  expect(news.startsWith(`\x1b[${height}A\r`)).toBe(true)
  expect(again.startsWith(`\x1b[${height}A\r`)).toBe(true)
  for (const line of visible(news + again).split('\n')) expect(line.length).toBeLessThan(COLUMNS)
})

test('with NO_COLOR there is no colour', () => {
  vi.stubEnv('NO_COLOR', '')
  expect(writesOfAShow().join('')).toContain('\x1b[32m')
  vi.stubEnv('NO_COLOR', '1')
  expect(writesOfAShow().join('')).not.toMatch(/\[\d+m/)
})

test('hides the cursor, and gives it back', () => {
  const writes = writesOfAShow()
  expect(writes.at(0)).toBe('\x1b[?25l')
  expect(writes.at(-1)).toBe('\x1b[?25h')
})
