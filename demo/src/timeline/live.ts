import type { Fault, Scenario } from '../scenario.ts'
import { type Paint, paintFor } from './paint.ts'
import { Screen } from './screen.ts'
import { Strips } from './strips.ts'
import { count, introduction, pace, stamped } from './text.ts'
import type { NewsKind, ProviderStand, Snapshot, Timeline } from './timeline.ts'

const NAME_COLUMNS = 13
const COLORS = { fault: 'red', move: 'yellow', repair: 'green', note: 'plain' } as const

/** For a terminal: the news scroll by; below them a few lines are redrawn that show how things stand. */
export class LiveTimeline implements Timeline {
  readonly tickMs = 125
  readonly #seconds: number
  readonly #screen: Screen
  readonly #strips: Strips
  readonly #paint: Paint
  #legend = ''
  #startedAt = performance.now()

  constructor(output: NodeJS.WriteStream, seconds: number) {
    this.#seconds = seconds
    this.#screen = new Screen(output)
    this.#strips = new Strips(Math.min(output.columns, 120) - NAME_COLUMNS - 1, seconds)
    this.#paint = paintFor(process.env)
  }

  begin(scenario: Pick<Scenario, 'name' | 'description'>): void {
    this.#screen.open()
    const [title = '', ...lines] = introduction(scenario)
    this.#screen.add(this.#paint('bold', title), ...lines)
  }

  start(faults: readonly Pick<Fault, 'mark' | 'state'>[]): void {
    const marks = faults.map(({ mark, state }) => `${mark} ${state}`)
    this.#legend = `${' '.repeat(NAME_COLUMNS)}· idle, ${marks.join(', ')}`
    this.#startedAt = performance.now()
  }

  readonly say = (kind: NewsKind, text: string): void => {
    const line = stamped(this.#startedAt, text)
    this.#screen.add(this.#paint(COLORS[kind], line))
  }

  tick(snapshot: Snapshot): void {
    this.#strips.add(snapshot, (performance.now() - this.#startedAt) / 1000)
    const { made, succeeded, failed, inFlight } = snapshot
    this.#screen.draw([
      '',
      ...snapshot.providers.map((provider) => this.#row(provider)),
      this.#paint('dim', this.#legend),
      stamped(this.#startedAt, `of ${this.#seconds}   ${pace(snapshot)}`),
      `  calls ${count(made)}   ok ${count(succeeded)}   failed ${count(failed)}   in flight ${inFlight}`,
    ])
  }

  end(): void {
    this.#screen.close()
  }

  #row({ name, state, isCurrent, mark }: ProviderStand): string {
    const pointer = isCurrent ? '▶' : ' '
    const label = `${pointer} ${name} ${state}`.padEnd(NAME_COLUMNS)
    return this.#paint(mark ? 'red' : isCurrent ? 'green' : 'plain', label) + this.#strips.draw(name, this.#paint)
  }
}
