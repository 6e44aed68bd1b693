import { parseArgs } from 'node:util'
import type { OwnScript, Scenario } from './scenario.ts'

type AnyScenario = Scenario | OwnScript

/** What the viewer asked for. */
export interface Choice {
  readonly scenario: AnyScenario
  readonly seconds: number
  readonly json: boolean
  readonly help: boolean
}

/** An argument is wrong; the message says which there are. */
export class UsageError extends Error {}

const DEFAULT_SECONDS = 20
// In less time the faults would come before the last one was found.
const LEAST_SECONDS = 5

const options = {
  seconds: { type: 'string', default: String(DEFAULT_SECONDS) },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const
const optionNames = Object.keys(options).map((name) => `--${name}`)

/** @throws {@link UsageError} */
export function parseArguments(args: readonly string[], scenarios: readonly AnyScenario[]): Choice {
  const { values, positionals } = parse(args)
  if (positionals.length > 1) throw new UsageError(`one scenario at a time, please; got ${positionals.join(', ')}`)
  return {
    scenario: scenarioNamed(positionals[0], scenarios),
    seconds: secondsOf(values.seconds),
    json: values.json,
    help: values.help,
  }
}

export function usage(scenarios: readonly AnyScenario[]): string {
  const list = scenarios.map(({ name, description }) => `  ${name.padEnd(12)} ${description}`)
  return `npm start -- [scenario] [options]

Scenarios (default: ${scenarios[0]?.name}):
${list.join('\n')}

Options:
  --seconds N  how long it takes, from ${LEAST_SECONDS}; default ${DEFAULT_SECONDS}
  --json       prints one summary object, and nothing else
               (npm prints a line of its own, unless: npm start --silent -- --json)
  --help       this text

Exit code: 0 if every promise was kept, 1 if one broke, 2 for a wrong argument, 130 after Ctrl-C.
`
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    const [complaint] = (error as Error).message.split('. ')
    throw new UsageError(`${complaint}; the options are ${optionNames.join(', ')}`)
  }
}

function scenarioNamed(name: string | undefined, scenarios: readonly AnyScenario[]): AnyScenario {
  const found = name === undefined ? scenarios[0] : scenarios.find((scenario) => scenario.name === name)
  if (found) return found
  const known = scenarios.map((scenario) => scenario.name).join(', ')
  throw new UsageError(`there is no scenario "${name}"; the scenarios are: ${known}`)
}

function secondsOf(text: string): number {
  const seconds = Number(text)
  if (seconds >= LEAST_SECONDS && Number.isFinite(seconds)) return seconds
  throw new UsageError(`--seconds must be a number from ${LEAST_SECONDS}; got "${text}"`)
}
