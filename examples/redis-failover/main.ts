// A counter in Redis, exact though its primary is killed under load. The failover is in the client that the counter is
// given; its own code (`counter.ts`) has none.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { RedisRoundRobin } from '@tourniquet/redis'
import { startRedisPair, waitFor } from '@tourniquet/testkit'
import { countVisit } from './counter.ts'
import { load, PAGES, type Tally } from './load.ts'

const pair = await startRedisPair()
const { primary, replica } = pair

// A replica is not written to: it is passed over until it is promoted.
const rr = new RedisRoundRobin([primary.url, replica.url], { backoff: { initialMs: 20, maxMs: 100 } })
rr.on('failover', ({ from, to }) => console.log(`  visits are counted by ${nameOf(to)} now, not by ${nameOf(from)}`))
const nameOf = (provider: unknown) => (provider === `${primary.host}:${primary.port}` ? 'A' : 'B')

const tallies = PAGES.map((page): Tally => ({ page, acknowledged: [], unconfirmed: 0, unknown: 0, notApplied: 0 }))
const end = new AbortController()
try {
  const client = rr.client()
  // A replica that is in sync says so within a second: only then WAIT knows of it.
  const isSafe = async () => (await countVisit(client, 'first')).isSafe
  await waitFor(isSafe)
  const loading = load(client, tallies, end.signal)
  await sleep(500)
  report()

  console.log('A, the primary, is killed (SIGKILL) under load')
  await primary.kill()
  await waitFor(() => sum(({ notApplied }) => notApplied) > 0) // until somebody notices: Sentinel, or an operator
  console.log('B, its replica, is promoted')
  await replica.promote()
  await waitFor(() => rr.current === replica.url)
  await sleep(500)
  report()

  console.log('A is started again, as the replica of B')
  await primary.restart()
  await primary.replicate(replica)
  await waitFor(isSafe)
  const before = sum(({ acknowledged }) => acknowledged.length)
  await waitFor(() => before < sum(({ acknowledged }) => acknowledged.length)) // B acknowledges visits
  await sleep(500)
  report()

  end.abort()
  await loading
  assert.ok(sum(({ notApplied }) => notApplied) > 0, 'while no primary is up, visits must fail')
  for (const tally of tallies) await check(tally)
} finally {
  end.abort()
  await rr.close()
  await pair[Symbol.asyncDispose]()
}

/** Holds what the visitors of a page were told against its counter. */
async function check({ page, acknowledged, unconfirmed, unknown, notApplied }: Tally): Promise<void> {
  const counter = Number(await replica.command('GET', page))
  const least = acknowledged.length
  const most = acknowledged.length + unconfirmed + unknown
  console.log(`${page}: ${least} <= ${counter} <= ${most}; ${notApplied} not applied, and not there`)
  assert.ok(least <= counter, `${least - counter} acknowledged visits of ${page} were lost`)
  assert.ok(counter <= most, `${counter - most} visits of ${page} were counted that nobody can have made`)
  assert.equal(new Set(acknowledged).size, least, `two visits of ${page} were given the same number`)
}

function report(): void {
  const told = [
    `${sum(({ acknowledged }) => acknowledged.length)} visits acknowledged`,
    `${sum(({ unconfirmed }) => unconfirmed)} without a replica`,
    `${sum(({ unknown }) => unknown)} with an unknown outcome`,
    `${sum(({ notApplied }) => notApplied)} not applied`,
  ]
  console.log(`  ${told.join(', ')}`)
}

function sum(of: (tally: Tally) => number): number {
  return tallies.reduce((total, tally) => total + of(tally), 0)
}
