import { afterEach, expect, test, vi } from 'vitest'
import { LiveTimeline } from '../src/timeline/live.ts'
import type { ProviderStand, Snapshot } from '../src/timeline/timeline.ts'

const COLUMNS = 80

function snapshotOf(side: string, ...providers: ProviderStand[]): Snapshot {
  const numbers = { callsPerSecond: 500, p50Ms: 10, p99Ms: 300, made: 9_999, succeeded: 9_990, failed: 9, inFlight: 50 }
  return { side, providers, failovers: 7, ...numbers }
}

const current = { name: 'A', state: 'current', isCurrent: true, mark: undefined, acknowledged: 60 }
const idle = { name: 'B', state: 'up', isCurrent: false, mark: undefined, acknowledged: 0 }
const spare = { ...idle, state: 'spare' }
const frozen = { name: 'C', state: 'frozen', isCurrent: false, mark: 'F', acknowledged: 0 }

const alone = [snapshotOf('', current, idle, frozen)]
const both = [snapshotOf('plain', current, idle, frozen), snapshotOf('standby', current, spare, frozen)]

/** Shows two pictures and a piece of news between them; returns each write. */
function writesOfAShow(snapshots: readonly Snapshot[]): string[] {
  const writes: string[] = []
  const output = { columns: COLUMNS, write: (text: string) => writes.push(text) }
  const timeline = new LiveTimeline(output as unknown as NodeJS.WriteStream, 20)
  timeline.begin({ name: 'core', description: 'a test', introduction: ['and nothing else'] })
  timeline.start([{ mark: 'F', state: 'frozen' }])
  timeline.tick(snapshots)
  timeline.say('fault', `freeze C: ${'very '.repeat(30)}cold`)
  timeline.tick(snapshots)
  timeline.end()
  return writes
}

/** What is left of a text without the codes that move the cursor, erase or colour. */
function visible(text: string): string {
  const [head = '', ...parts] = text.replaceAll('\r', '').split('\x1b')
  return head + parts.map((part) => part.replace(/^\[\??\d*[A-Za-z]/, '')).join('')
}

afterEach(() => vi.unstubAllEnvs())

test('says first what is to be seen', () => {
  const [, introduction = ''] = writesOfAShow(alone)
  expect(visible(introduction)).toMatch(/\(core: a test\)\n(.|\n)*and nothing else\n/)
})

test('shows who is current, who is not, and what was done to whom', () => {
  vi.stubEnv('NO_COLOR', '1')
  const [, , , , last = ''] = writesOfAShow(alone)
  expect(last).toContain('▶ A current  █')
  expect(last).toContain('  B up       ·')
  expect(last).toContain('  C frozen   F')
  expect(last).toContain('500 calls/s, p50 10 ms, p99 300 ms, failovers 7')
  expect(last).toContain('calls 9,999   ok 9,990   failed 9   in flight 50')
})

test('shows two sides one above the other, each with its name, and what they did together', () => {
  vi.stubEnv('NO_COLOR', '1')
  const [, , , , last = ''] = writesOfAShow(both)
  const lines = visible(last).split('\n')
  const starts = lines.map((line) => line.slice(0, 13).trim()).slice(1, 9)
  expect(starts).toEqual(['plain', '▶ A current', 'B up', 'C frozen', 'standby', '▶ A current', 'B spare', 'C frozen'])
  expect(last).toContain('calls 19,998   ok 19,980   failed 18   in flight 100')
})

test.each(['', '1'])('redraws its lines in place, none of them wrapped (NO_COLOR="%s")', (noColor) => {
  vi.stubEnv('NO_COLOR', noColor)
  const [, , block = '', news = '', again = ''] = writesOfAShow(both)
  const height = block.split('\n').length - 1
  expect(news.startsWith(`\x1b[${height}A\r`)).toBe(true)
  expect(again.startsWith(`\x1b[${height}A\r`)).toBe(true)
  for (const line of visible(news + again).split('\n')) expect(line.length).toBeLessThan(COLUMNS)
})

test('with NO_COLOR there is no colour', () => {
  vi.stubEnv('NO_COLOR', '')
  expect(writesOfAShow(both).join('')).toContain('\x1b[32m')
  vi.stubEnv('NO_COLOR', '1')
  expect(writesOfAShow(both).join('')).not.toMatch(/\[\d+m/)
})

test('hides the cursor, and gives it back', () => {
  const writes = writesOfAShow(alone)
  expect(writes.at(0)).toBe('\x1b[?25l')
  expect(writes.at(-1)).toBe('\x1b[?25h')
})
