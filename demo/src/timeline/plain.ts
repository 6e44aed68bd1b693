import { count, introduction, pace, stamped } from './text.ts'
import type { Introduced, NewsKind, ProviderStand, Snapshot, Timeline } from './timeline.ts'

const STATES_COLUMNS = 36

/** Lines, for a file, a pipe or a log: one a second for each side, and one for each thing that happens. */
export class PlainTimeline implements Timeline {
  readonly tickMs = 1_000
  readonly #output: NodeJS.WritableStream
  #startedAt = performance.now()

  constructor(output: NodeJS.WritableStream) {
    this.#output = output
  }

  begin(scenario: Introduced): void {
    this.#print(...introduction(scenario))
  }

  start(): void {
    this.#startedAt = performance.now()
  }

  readonly say = (kind: NewsKind, text: string): void => {
    const sign = { fault: '!', move: '>', repair: '+', note: ' ' }[kind]
    this.#print(stamped(this.#startedAt, `${sign} ${text}`))
  }

  tick(snapshots: readonly Snapshot[]): void {
    const nameColumns = Math.max(...snapshots.map(({ side }) => side.length))
    for (const snapshot of snapshots) {
      const { side, providers, succeeded, failed } = snapshot
      const name = side && `${side.padEnd(nameColumns)}  `
      const states = providers.map(inWords).join(', ')
      const ended = `ok ${count(succeeded)}, failed ${count(failed)}`
      this.#print(stamped(this.#startedAt, `  ${name}${states.padEnd(STATES_COLUMNS)} ${pace(snapshot)}, ${ended}`))
    }
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
