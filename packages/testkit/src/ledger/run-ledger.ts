import { inspect } from 'node:util'
import type { Options } from '@tourniquet/core'
import type { TestServer } from '../conformance/description.ts'
import { endOf, inTime } from '../conformance/words.ts'
import { waitFor } from '../wait-for.ts'
import { account, type Told } from './account.ts'
import { checkLedger } from './check.ts'
import type { AnyLedger, LedgerDescription, LedgerOptions } from './description.ts'
import { replayOf } from './environment.ts'
import { faultsOf } from './faults.ts'
import { Field } from './field.ts'
import { type LedgerReport, reportText } from './report.ts'
import { faultScript } from './script.ts'
import { Trouble } from './trouble.ts'
import { Writers } from './writers.ts'

/** Short, so that a fault is found and left many times in a run; few attempts, so that some writes are given up. */
const quick: Options = {
  idempotent: false,
  maxAttempts: 2,
  connectTimeoutMs: 300,
  heartbeatMs: 100,
  probeTimeoutMs: 100,
  drainMs: 200,
  backoff: { initialMs: 10, maxMs: 100 },
}

/**
 * Runs writers with unique ids against real servers, while a script of faults that is made from `seed` kills, freezes,
 * cuts off and demotes them; then holds what the writers were told against what was written. Needs no vitest.
 *
 * @returns what it showed; `problems` is empty if every promise was kept
 * @throws TypeError if an option is not what it must be
 * @throws Error if a server does not start, or a fault cannot be done
 */
export async function runLedger<
  Source,
  Service,
  Server extends TestServer,
  Client = Service,
  Own = unknown,
  RR = unknown,
>(
  description: LedgerDescription<Source, Service, Client, Server, Own, RR>,
  options: LedgerOptions<Server> = {},
): Promise<LedgerReport> {
  checkLedger(options)
  return run(description as AnyLedger, options)
}

async function run(description: AnyLedger, options: LedgerOptions): Promise<LedgerReport> {
  const { providers = 3, seed = 1, log = console.log } = options
  log(`the ledger of ${description.name}: seed ${seed}`)
  const field = await Field.start(description, providers, { ...quick, ...options.options })
  try {
    const faults = options.faults ?? faultsOf(description)
    const trouble = new Trouble(faults, field.providers, () => field.current)
    const script = faultScript(seed, { faults, providers, strikes: options.strikes ?? 100 })
    const writers = new Writers((id) => field.write(id))
    const startedAt = performance.now()
    const complaints = await work(writers, (limit) => trouble.play(script, limit), options)
    const durationMs = performance.now() - startedAt
    const told = new Map(writers.told)
    complaints.push(...(await field.close()))
    const { lost, doubled, problems } = account(told, await field.written())
    const report: LedgerReport = {
      name: description.name,
      seed,
      replay: replayOf(seed, process.env),
      writes: told.size,
      ...countsOf(told),
      lost,
      doubled,
      faults: trouble.struck,
      failovers: field.failovers,
      durationMs,
      problems: [...complaints, ...problems],
    }
    log(reportText(report))
    return report
  } finally {
    await field.dispose()
  }
}

/** Writes while trouble plays, and until enough is acknowledged; returns what went wrong, in words. */
async function work(
  writers: Writers,
  play: (limit: AbortSignal) => Promise<void>,
  { writers: count = 20, operations = 1000, limitMs = 60_000, settleMs = 10_000 }: LedgerOptions,
): Promise<string[]> {
  const limit = AbortSignal.timeout(limitMs)
  writers.start(count)
  await play(limit).catch((error) => {
    void writers.stop() // or they would go on for ever, with an engine that is closed
    throw error
  })
  const isEnough = await waitFor(() => writers.acknowledged >= operations, { timeoutMs: limitMs, signal: limit }).catch(
    () => false,
  )
  const stopped = await endOf(inTime(writers.stop(), settleMs, 'G5 all is well again, and writes are pending'))
  return [
    ...(isEnough ? [] : [`G8 only ${writers.acknowledged} of ${operations} writes were acknowledged in ${limitMs} ms`]),
    ...('error' in stopped ? [(stopped.error as Error).message] : []),
    ...writers.untold.map((error) => `G6 an error that says no outcome: ${inspect(error, { depth: 0 })}`),
  ]
}

function countsOf(told: ReadonlyMap<string, Told>) {
  const count = (said: Told): number => [...told.values()].filter((each) => each === said).length
  return {
    acknowledged: count('acknowledged'),
    notApplied: count('not-applied'),
    unknown: count('unknown'),
    untold: count('untold'),
    pending: count('pending'),
  }
}
