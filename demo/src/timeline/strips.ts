import type { Paint } from './paint.ts'
import type { ProviderStand, Snapshot } from './timeline.ts'

const BARS = '▁▂▃▄▅▆▇█'
const IDLE = '·'

/** What there was to see of a provider in one column's time. */
interface Cell {
  /** The letter of what was done to it. */
  mark?: string | undefined
  acknowledged: number
  /** A column may hold one snapshot more than another. */
  snapshots: number
}

/** The whole show, a row for each provider, from left to right as time goes by. */
export class Strips {
  readonly #columns: number
  readonly #seconds: number
  readonly #rows = new Map<string, Cell[]>()
  #last = -1
  #most = 1

  constructor(columns: number, seconds: number) {
    this.#columns = columns
    this.#seconds = seconds
  }

  add({ providers }: Snapshot, seconds: number): void {
    const column = Math.min(this.#columns - 1, Math.floor((seconds / this.#seconds) * this.#columns))
    // On a busy machine a snapshot may come late: it stands for the columns that had none, too.
    for (let at = Math.min(column, this.#last + 1); at <= column; at += 1) {
      for (const provider of providers) this.#addTo(at, provider)
    }
    this.#last = column
  }

  draw(name: string, paint: Paint): string {
    const cells = this.#rows.get(name) ?? []
    return cells.map((cell) => this.#drawn(cell, paint)).join('')
  }

  #addTo(column: number, { name, mark, acknowledged }: ProviderStand): void {
    const row = this.#rows.get(name) ?? []
    this.#rows.set(name, row)
    const cell = row[column] ?? { acknowledged: 0, snapshots: 0 }
    row[column] = cell
    cell.mark = mark ?? cell.mark
    cell.acknowledged += acknowledged
    cell.snapshots += 1
    this.#most = Math.max(this.#most, cell.acknowledged / cell.snapshots)
  }

  #drawn({ mark, acknowledged, snapshots }: Cell, paint: Paint): string {
    if (mark) return paint('red', mark)
    if (acknowledged === 0) return paint('dim', IDLE)
    const share = acknowledged / snapshots / this.#most
    return paint('green', BARS[Math.min(BARS.length, Math.ceil(share * BARS.length)) - 1] ?? '')
  }
}
