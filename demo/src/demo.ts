import { type Choice, parseArguments, UsageError, usage } from './arguments.ts'
import { type Ending, exitCodeOf } from './ending.ts'
import { untilInterrupted } from './interrupt.ts'
import type { OwnScript, Scenario } from './scenario.ts'
import { show } from './show.ts'
import { tableOf } from './table/table.ts'
import { timelineFor } from './timeline/index.ts'
import type { Timeline } from './timeline/timeline.ts'

/** The whole demo, from its arguments to its exit code: 0, 1 if a promise broke, 2 if an argument is wrong. */
export async function demo(args: readonly string[], scenarios: readonly (Scenario | OwnScript)[]): Promise<number> {
  const { stdout } = process
  try {
    const choice = parseArguments(args, scenarios)
    if (choice.help) {
      stdout.write(usage(scenarios))
      return 0
    }
    const interruption = untilInterrupted(stdout)
    try {
      const timeline = timelineFor(stdout, choice)
      timeline.begin(choice.scenario)
      const ending = await play(choice, timeline, interruption.signal)
      if (!ending) return 130
      stdout.write(choice.json ? `${JSON.stringify(ending.summary, undefined, 2)}\n` : ending.text)
      return exitCodeOf(ending.summary)
    } finally {
      interruption.release()
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  }
}

async function play(
  { scenario, seconds }: Choice,
  timeline: Timeline,
  signal: AbortSignal,
): Promise<Ending | undefined> {
  if ('play' in scenario) return await scenario.play(seconds, timeline, signal)
  const summary = await show(scenario, seconds, timeline, signal)
  return summary && { summary, text: tableOf(summary) }
}
