import { expect, test } from 'vitest'
import type { Scenario, Stage } from '../src/scenario.ts'
import { coreWith } from '../src/scenarios/core/core.ts'
import { show } from '../src/show.ts'
import type { SideSummary } from '../src/side-summary.ts'
import { percentile } from '../src/statistics.ts'
import { tableOf } from '../src/table/table.ts'
import { PlainTimeline } from '../src/timeline/plain.ts'
import { silent } from '../src/timeline/silent.ts'

// Much, so that what a busy machine adds to each time matters little.
const DIAL_MS = 500

/** The scenario `core`, with something else about its stage. */
function staged(change: (stage: Stage) => Partial<Stage>): Scenario {
  const scenario = coreWith({ dialMs: DIAL_MS })
  return {
    ...scenario,
    async start() {
      const stage = await scenario.start()
      return { ...stage, ...change(stage) }
    },
  }
}

const medianMs = ({ recovery }: SideSummary) =>
  percentile(
    recovery.faults.map(({ ms = Number.NaN }) => ms),
    0.5,
  )

test('a kill costs the connect without standby, and not with it', async () => {
  const scenario = staged(({ faults: [kill] }) => ({ faults: kill ? [kill, kill, kill, kill] : [] }))
  const summary = await show(scenario, 7, silent, new AbortController().signal)
  const [plain, standby] = summary?.sides ?? []
  if (!plain || !standby) throw new Error('it has two sides')
  expect(summary?.broken).toEqual([])
  const struck = (side: SideSummary) => side.recovery.faults.map(({ what }) => what)
  expect(struck(plain)).toHaveLength(4)
  expect(struck(standby)).toEqual(struck(plain))
  for (const { ms } of plain.recovery.faults) expect(ms).toBeGreaterThanOrEqual(DIAL_MS)
  expect(medianMs(standby)).toBeLessThan(medianMs(plain) / 2)
  expect(summary?.gain?.median).toBeGreaterThan(1)
})

test('a scenario with one side shows no names and compares nothing', async () => {
  const alone = staged(({ sides: [first] }) => {
    if (!first) throw new Error('it has a side')
    const { name: _, ...nameless } = first
    return { sides: [nameless] }
  })
  let text = ''
  const end = new AbortController()
  const write = (line: string) => {
    text += line
    if (/calls\/s(.|\n)* it waits for its turn/.test(text)) end.abort()
  }
  const timeline = new PlainTimeline({ write } as unknown as NodeJS.WritableStream)
  const summary = await show({ ...alone, introduction: [] }, 15, timeline, end.signal)
  if (!summary) throw new Error('it was up')
  text += tableOf(summary)
  expect(summary.sides).toHaveLength(1)
  expect(summary.broken).toEqual([])
  expect(text).not.toMatch(/plain|standby/)
  expect(text).toMatch(/> failover A → B \(lost\)/)
  expect(text).toMatch(/^ +[\d.]+ s +A [a-z]+, B [a-z]+, C [a-z]+ +\d+ calls\/s/m)
  expect(text).toMatch(/^ +connections made +\d+ +the first, and one a failover$/m)
})
