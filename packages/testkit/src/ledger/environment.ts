import { randomInt } from 'node:crypto'
import { badInput } from '../bad-input.ts'
import type { LedgerOptions } from './description.ts'

type Variables = Readonly<Partial<Record<'TOURNIQUET_SEED' | 'TOURNIQUET_SHARE', string>>>

/** The options that these variables ask for: see {@link describeLedger}. */
export function fromEnvironment<Options extends LedgerOptions<never>>(options: Options, variables: Variables) {
  const { operations = 1000, strikes = 100, limitMs = 60_000, seed = 1, faults = [] } = options
  const share = shareOf(variables.TOURNIQUET_SHARE)
  const part = (whole: number): number => Math.ceil(whole * share)
  return {
    ...options,
    operations: part(operations),
    // However short, each fault comes once.
    strikes: Math.max(part(strikes), faults.length, 10),
    limitMs: Math.max(part(limitMs), limitMs),
    seed: seedOf(variables.TOURNIQUET_SEED) ?? seed,
  }
}

/** The variables with which a test runs the same script again. */
export function replayOf(seed: number, { TOURNIQUET_SHARE: share }: Variables): string {
  return share ? `TOURNIQUET_SEED=${seed} TOURNIQUET_SHARE=${share}` : `TOURNIQUET_SEED=${seed}`
}

function shareOf(text = '1'): number {
  const share = Number(text)
  if (!(share > 0 && share < Number.POSITIVE_INFINITY)) throw badInput('TOURNIQUET_SHARE', 'a number above 0', text)
  return share
}

function seedOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  if (text === 'random') return randomInt(2 ** 31)
  // What property tests print may be negative, and has the path to the failure behind it; that means nothing here.
  const seed = Math.abs(Number(text.split('/', 1)[0]))
  if (!Number.isSafeInteger(seed)) throw badInput('TOURNIQUET_SEED', "a whole number, or 'random'", text)
  return seed
}
