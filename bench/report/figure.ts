/** What a number of looks gave. */
export interface Figure {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function figureOf(samples: readonly number[]): Figure {
  const sorted = [...samples].sort((a, b) => a - b)
  const [min, median, max] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)]
  if (min === undefined || median === undefined || max === undefined) throw new Error('there is nothing to sum up')
  return { median, min, max }
}

/** How figures of one kind are written. */
export class Unit {
  readonly before: string
  readonly after: string
  /** A number without its unit. */
  readonly bare: (value: number) => string

  constructor(before: string, after: string, bare: (value: number) => string) {
    this.before = before
    this.after = after
    this.bare = bare
  }

  readonly full = (value: number): string => `${this.before}${this.bare(value)}${this.after}`
  /** A mark on a scale: round, so it needs no digits of its own. */
  readonly mark = (value: number): string => `${this.before}${value.toLocaleString('en')}${this.after}`
}

/** Three digits or so: more would only show noise. */
const digits = (value: number) => value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)
const grouped = (value: number) => Math.round(value).toLocaleString('en')

export const units = {
  ticks: new Unit('+', '', grouped),
  heap: new Unit('+', ' B', grouped),
  times: new Unit('', 'x', digits),
  size: new Unit('', ' kB', (bytes) => (bytes / 1000).toFixed(1)),
  ms: new Unit('', ' ms', digits),
} satisfies Record<string, Unit>

/** The median, and between what it lies, if it is not the same every time. */
export function written({ median, min, max }: Figure, { bare, full }: Unit): string {
  return bare(min) === bare(max) ? full(median) : `${full(median)} (${bare(min)}–${bare(max)})`
}
