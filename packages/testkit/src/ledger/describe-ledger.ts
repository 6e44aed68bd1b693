import { expect, test } from 'vitest'
import type { TestServer } from '../conformance/description.ts'
import { checkLedger } from './check.ts'
import type { LedgerDescription, LedgerOptions } from './description.ts'
import { fromEnvironment } from './environment.ts'
import { reportText } from './report.ts'
import { runLedger } from './run-ledger.ts'

/**
 * Registers the ledger as a vitest test: see {@link runLedger}. It fails if a promise was broken, and if the run proved
 * nothing: a fault that never struck, no outcome that was unknown.
 *
 * `TOURNIQUET_SEED` is the seed, or `random`; `TOURNIQUET_SHARE` makes the run so many times as long.
 *
 * @throws TypeError if an option, or one of these variables, is not what it must be
 */
export function describeLedger<
  Source,
  Service,
  Server extends TestServer,
  Client = Service,
  Own = unknown,
  RR = unknown,
>(description: LedgerDescription<Source, Service, Client, Server, Own, RR>, options: LedgerOptions<Server> = {}): void {
  checkLedger(options)
  const settings = fromEnvironment(options, process.env)
  const title = `G5 G6 the ledger of ${description.name}: no write lost, doubled or pending, whatever fails`
  test(title, { timeout: 2 * settings.limitMs + 60_000 }, async () => {
    const report = await runLedger(description, settings)
    expect(report.problems, reportText(report)).toEqual([])
    const never = Object.entries(report.faults).filter(([, times]) => times === 0)
    expect(never, 'faults that never struck').toEqual([])
    expect(
      report.unknown,
      'writes whose outcome is unknown: with none, no fault came at the wrong moment',
    ).toBeGreaterThan(0)
  })
}
