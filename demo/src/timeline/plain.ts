import type { Scenario } from '../scenario.ts'
import { count, introduction, pace, stamped } from './text.ts'
import type { NewsKind, ProviderStand, Snapshot, Timeline } from './timeline.ts'

const STATES_COLUMNS = 33

/** Lines, for a file, a pipe or a log: one a second, and one for each thing that happens. */
export class PlainTimeline implements Timeline {
  readonly tickMs = 1_000
  readonly #output: NodeJS.WritableStream
  #startedAt = performance.now()

  constructor(output: NodeJS.WritableStream) {
    this.#output = output
  }

  begin(scenario: Scenario): void {
    this.#print(...introduction(scenario))
  }

  start(): void {
    this.#startedAt = performance.now()
  }

  readonly say = (kind: NewsKind, text: string): void => {
    const sign = { fault: '!', move: '>', repair: '+', note: ' ' }[kind]
    this.#print(stamped(this.#startedAt, `${sign} ${text}`))
  }

  tick(snapshot: Snapshot): void {
    const { providers, succeeded, failed } = snapshot
    const states = providers.map(inWords).join(', ')
    const ended = `ok ${count(succeeded)}, failed ${count(failed)}`
    this.#print(stamped(this.#startedAt, `  ${states.padEnd(STATES_COLUMNS)} ${pace(snapshot)}, ${ended}`))
  }

  end(): void {}

  #print(...lines: string[]): void {
    for (const line of lines) this.#output.write(`${line}\n`)
  }
}

/** A provider that is frozen stays the current one until that is found. */
function inWords({ name, state, isCurrent, mark }: ProviderStand): string {
  return isCurrent && mark ? `${name} current (${state})` : `${name} ${state}`
}
