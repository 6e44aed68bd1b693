import { badInput, checkMs } from '../bad-input.ts'
import type { LedgerOptions } from './description.ts'

/** Throws a TypeError that names the option which is not what it must be. */
export function checkLedger(options: LedgerOptions): void {
  const { providers = 1, writers = 1, operations = 1, strikes = 1, seed = 0, limitMs = 0, settleMs = 0 } = options
  for (const [option, value] of Object.entries({ providers, writers, operations, strikes })) {
    if (!Number.isSafeInteger(value) || value < 1) throw badInput(option, 'a whole number from 1', value)
  }
  checkMs('limitMs', limitMs)
  checkMs('settleMs', settleMs)
  if (!Number.isSafeInteger(seed) || seed < 0) throw badInput('seed', 'a whole number from 0', seed)
}
