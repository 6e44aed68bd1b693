/** A logarithmic scale. */
export interface Scale {
  /** Where a value is, in pixels. */
  readonly x: (value: number) => number
  /** The values that are marked. */
  readonly ticks: readonly number[]
}

/** Candidates for marks, from the sparsest to the densest. */
const steps = [[1], [1, 3], [1, 2, 5]]
const FEWEST_TICKS = 4

/** A scale from `left` to `right` on which all of `values` have their place. */
export function scaleOf(values: readonly number[], left: number, right: number): Scale {
  const low = Math.min(...values) * 0.85
  const high = Math.max(...values) * 1.1
  const share = (value: number) => Math.log(value / low) / Math.log(high / low)
  return { x: (value) => left + share(value) * (right - left), ticks: ticksBetween(low, high) }
}

function ticksBetween(low: number, high: number): number[] {
  const all = steps.map((step) => marks(step, low, high))
  return all.find((ticks) => ticks.length >= FEWEST_TICKS) ?? all.at(-1) ?? []
}

function marks(step: readonly number[], low: number, high: number): number[] {
  const ticks: number[] = []
  for (let decade = 10 ** Math.floor(Math.log10(low)); decade <= high; decade *= 10) {
    ticks.push(...step.map((digit) => digit * decade).filter((value) => value >= low && value <= high))
  }
  return ticks
}
