/** Numbers from 0 to 1 (exclusive) that only depend on the seed: mulberry32. */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A whole number from `least` to `most`. */
export function whole(next: () => number, least: number, most: number): number {
  return least + Math.floor(next() * (most - least + 1))
}

/** The same items in an order of chance. */
export function shuffled<T>(next: () => number, items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: next() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item)
}
