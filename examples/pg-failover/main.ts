// Accounts in PostgreSQL that balance though their primary is killed under load. The failover is in the pool and the
// transactions that they are given; their own code (`accounts.ts`) has none.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { PgRoundRobin } from '@tourniquet/pg'
import { startPostgresPair, waitFor } from '@tourniquet/testkit'
import { audit, open, TOTAL } from './accounts.ts'
import { load, type Told } from './load.ts'

// A commit is acknowledged only once the standby has it, too: else a killed primary takes the last ones with it.
const pair = await startPostgresPair({ synchronous: true })
const { primary, standby } = pair

// One URL, as libpq has it. A standby is passed over until it is promoted.
const hosts = [primary, standby].map(({ host, port }) => `${host}:${port}`).join(',')
const rr = new PgRoundRobin(`postgresql://postgres@${hosts}/postgres?target_session_attrs=read-write`, {
  backoff: { initialMs: 20, maxMs: 100 },
})
const nameOf = (provider: string) => (provider.endsWith(`:${primary.port}`) ? 'A' : 'B')
rr.on('failover', ({ from, to }) => console.log(`  transfers go to ${nameOf(to)} now, not to ${nameOf(from)}`))

const told: Told = { acknowledged: [], unknown: [], notApplied: [] }
const end = new AbortController()
try {
  const pool = rr.pool()
  await open(pool)
  const loading = load(rr, told, end.signal)
  await sleep(500)
  report()

  console.log('A, the primary, is killed (SIGKILL) under load')
  await primary.kill()
  await waitFor(() => told.notApplied.length > 0) // until somebody notices: Patroni, or an operator
  console.log('B, its standby, is promoted: pg_promote()')
  await standby.promote()
  const before = told.acknowledged.length
  await waitFor(() => told.acknowledged.length > before)
  await sleep(500)
  report()

  console.log('A is made a standby of B')
  await primary.demote(standby)
  await sleep(200)
  report()

  end.abort()
  await loading
  assert.ok(told.notApplied.length > 0, 'while no primary is up, transfers must fail')
  check(await audit(pool))
} finally {
  end.abort()
  await rr.close()
  await pair[Symbol.asyncDispose]()
}

/** Holds what the clerks were told against the accounts and their journal. */
function check({ total, ids }: Awaited<ReturnType<typeof audit>>): void {
  const journal = new Set(ids)
  const lost = told.acknowledged.filter((id) => !journal.has(id))
  const doubtful = told.unknown.filter((id) => journal.has(id)).length
  const wrong = told.notApplied.filter((id) => journal.has(id))
  console.log(`the accounts hold ${total}; the journal has all ${told.acknowledged.length} acknowledged transfers, and`)
  console.log(
    `${doubtful} of ${told.unknown.length} unknown ones; none of ${told.notApplied.length} that were not applied`,
  )
  assert.equal(total, TOTAL, 'the accounts do not balance')
  assert.deepEqual(lost, [], 'acknowledged, and not there')
  assert.deepEqual(wrong, [], 'not applied, they say, and there')
  assert.equal(journal.size, told.acknowledged.length + doubtful, 'transfers are there that nobody made')
}

function report(): void {
  const { acknowledged, unknown, notApplied } = told
  const counts = [`${acknowledged.length} transfers acknowledged`, `${unknown.length} with an unknown outcome`]
  console.log(`  ${[...counts, `${notApplied.length} not applied`].join(', ')}`)
}
