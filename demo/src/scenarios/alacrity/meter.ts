import { percentile } from '../../statistics.ts'
import type { Snapshot } from '../../timeline/timeline.ts'
import type { RunningBalancer } from './balancer.ts'
import type { Clients } from './clients.ts'
import type { Row } from './rows.ts'

const WINDOW_MS = 1_000

/** What may be other than well with a server, by the word the balancer has for it. */
export const marks = [
  { word: 'DOWN', state: 'down', mark: 'K' },
  { word: 'DRAIN', state: 'drained', mark: 'D' },
] as const

/** Reads off how things stand: of the clients what was answered in the last second, of the balancer its servers' status. */
export class Meter {
  readonly #clients: Clients
  readonly #balancer: RunningBalancer
  readonly #names: readonly string[]
  readonly #startedAt = performance.now()
  #rows: readonly Row[] = []
  /** How many answers were counted at the last reading. */
  #counted = 0

  constructor(clients: Clients, balancer: RunningBalancer, names: readonly string[]) {
    this.#clients = clients
    this.#balancer = balancer
    this.#names = names
  }

  async read(): Promise<Snapshot> {
    this.#rows = await this.#balancer.rows().catch(() => this.#rows) // it is being stopped
    const { answers, asked, failed } = this.#clients
    const at = performance.now()
    const fresh = answers.slice(this.#counted)
    this.#counted = answers.length
    const latencies = lastOf(answers, at - WINDOW_MS)
    return {
      side: '',
      providers: this.#names.map((name) => ({
        name,
        ...this.#standOf(name),
        isCurrent: false,
        acknowledged: fresh.filter(({ server }) => server === name).length,
      })),
      callsPerSecond: Math.round((latencies.length * 1000) / Math.min(WINDOW_MS, at - this.#startedAt)),
      p50Ms: Math.round(percentile(latencies, 0.5)),
      p99Ms: Math.round(percentile(latencies, 0.99)),
      made: asked,
      succeeded: answers.length,
      failed,
      inFlight: asked - answers.length - failed,
    }
  }

  #standOf(name: string): { state: string; mark: string | undefined } {
    const row = this.#rows.find((each) => each.kind === 'server' && each.name === name)
    if (!row) return { state: '–', mark: undefined }
    return { state: row.status, mark: marks.find(({ word }) => row.status.startsWith(word))?.mark }
  }
}

/** How long those took that came after a time; the last ones are at the end. */
function lastOf(answers: Clients['answers'], after: number): number[] {
  const latencies: number[] = []
  for (let at = answers.length - 1; at >= 0 && (answers[at]?.at ?? 0) > after; at--)
    latencies.push(answers[at]?.ms ?? 0)
  return latencies
}
