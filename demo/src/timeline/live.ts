import type { Fault } from '../scenario.ts'
import { type Paint, paintFor } from './paint.ts'
import { Screen } from './screen.ts'
import { Strips } from './strips.ts'
import { count, introduction, pace, stamped } from './text.ts'
import type { Introduced, NewsKind, ProviderStand, Snapshot, Timeline } from './timeline.ts'

const NAME_COLUMNS = 13
const COLORS = { fault: 'red', move: 'yellow', repair: 'green', note: 'plain' } as const

/** For a terminal: the news scroll by; below them a few lines are redrawn that show how things stand, side by side. */
export class LiveTimeline implements Timeline {
  readonly tickMs = 125
  readonly #seconds: number
  readonly #columns: number
  readonly #screen: Screen
  readonly #strips = new Map<string, Strips>()
  readonly #paint: Paint
  #legend = ''
  #startedAt = performance.now()

  constructor(output: NodeJS.WriteStream, seconds: number) {
    this.#seconds = seconds
    this.#columns = Math.min(output.columns, 120) - NAME_COLUMNS - 1
    this.#screen = new Screen(output)
    this.#paint = paintFor(process.env)
  }

  begin(scenario: Introduced): void {
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

  tick(snapshots: readonly Snapshot[]): void {
    this.#screen.draw([
      '',
      ...snapshots.flatMap((snapshot) => this.#side(snapshot)),
      this.#paint('dim', this.#legend),
      stamped(this.#startedAt, `of ${this.#seconds}   ${totals(snapshots)}`),
    ])
  }

  end(): void {
    this.#screen.close()
  }

  #side(snapshot: Snapshot): string[] {
    const { side, providers } = snapshot
    const strips = this.#strips.get(side) ?? new Strips(this.#columns, this.#seconds)
    this.#strips.set(side, strips)
    strips.add(snapshot, (performance.now() - this.#startedAt) / 1000)
    const title = this.#paint('bold', `  ${side}`.padEnd(NAME_COLUMNS))
    return [title + pace(snapshot), ...providers.map((provider) => this.#row(provider, strips))]
  }

  #row({ name, state, isCurrent, mark }: ProviderStand, strips: Strips): string {
    const pointer = isCurrent ? '▶' : ' '
    const label = `${pointer} ${name} ${state}`.padEnd(NAME_COLUMNS)
    return this.#paint(mark ? 'red' : isCurrent ? 'green' : 'plain', label) + strips.draw(name, this.#paint)
  }
}

function totals(snapshots: readonly Snapshot[]): string {
  const sum = (value: (snapshot: Snapshot) => number) =>
    count(snapshots.reduce((total, each) => total + value(each), 0))
  const [made, succeeded, failed] = [
    sum((each) => each.made),
    sum((each) => each.succeeded),
    sum((each) => each.failed),
  ]
  return `calls ${made}   ok ${succeeded}   failed ${failed}   in flight ${sum((each) => each.inFlight)}`
}
