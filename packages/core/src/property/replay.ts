import type { Parameters } from 'fast-check'

/**
 * How many scenarios, and which: see the head of `property.test.ts`.
 *
 * @param share - of `TOURNIQUET_RUNS`, by how much a property finds
 */
export function parameters<T>(share: number): Parameters<T> {
  const { TOURNIQUET_RUNS: runs = '3000', TOURNIQUET_SEED: replay = '1' } = process.env
  const numRuns = Math.ceil(Number(runs) * share)
  if (replay === 'random') return { numRuns }
  const [seed, path] = replay.split('/')
  return { numRuns, seed: Number(seed), ...(path && { path, endOnFailure: true }) }
}
