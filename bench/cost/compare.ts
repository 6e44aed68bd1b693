/** One look at what a call costs. */
export type Look = () => Promise<number>

/** What `value` cost, and what it is held against cost right beside it. */
export interface Pair {
  readonly base: number
  readonly value: number
}

export interface Effort {
  /** How often everybody has his turn. */
  readonly rounds: number
  /** Looks in each turn, of which the least counts. */
  readonly looks: number
  /** How long a look at a time takes, about. */
  readonly lookMs: number
}

/** Short looks: most of them are over before anybody else gets the CPU. */
export const thorough: Effort = { rounds: 31, looks: 7, lookMs: 1 }
export const brief: Effort = { rounds: 7, looks: 7, lookMs: 0.3 }

/**
 * Looks at two in turn, and takes the least of each: the compiler, the collector and whatever else the machine does can
 * only add to what a call costs.
 */
async function pairOf(base: Look, value: Look, looks: number): Promise<Pair> {
  const least = { base: Number.POSITIVE_INFINITY, value: Number.POSITIVE_INFINITY }
  globalThis.gc?.({ type: 'minor' })
  for (let look = 0; look < looks; look++) {
    least.base = Math.min(least.base, await base())
    least.value = Math.min(least.value, await value())
  }
  return least
}

/** Each against `base`, one after the other, round by round, so that a busy minute is a busy minute for all. */
export async function compare(
  base: Look,
  others: ReadonlyMap<string, Look>,
  { rounds, looks }: Effort,
): Promise<Map<string, Pair[]>> {
  const names = [...others.keys()]
  const pairs = new Map(names.map((name) => [name, [] as Pair[]]))
  for (let round = 0; round < rounds; round++) {
    // Another one begins each time: who follows whom must make no difference.
    for (const at of names.keys()) {
      const name = names[(round + at) % names.length] as string
      pairs.get(name)?.push(await pairOf(base, others.get(name) as Look, looks))
    }
  }
  return pairs
}
