import { parseArguments, UsageError, usage } from './arguments.ts'
import { untilInterrupted } from './interrupt.ts'
import type { Scenario } from './scenario.ts'
import { show } from './show.ts'
import { exitCodeOf } from './summary.ts'
import { tableOf } from './table/table.ts'
import { timelineFor } from './timeline/index.ts'

/** The whole demo, from its arguments to its exit code: 0, 1 if a promise broke, 2 if an argument is wrong. */
export async function demo(args: readonly string[], scenarios: readonly Scenario[]): Promise<number> {
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
      const summary = await show(choice.scenario, choice.seconds, timeline, interruption.signal)
      if (!summary) return 130
      stdout.write(choice.json ? `${JSON.stringify(summary, undefined, 2)}\n` : tableOf(summary))
      return exitCodeOf(summary)
    } finally {
      interruption.release()
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  }
}
