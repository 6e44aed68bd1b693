// Three PostgreSQL servers with the same catalogue, two balancers before them, and readers that know only the balancers. One
// server is killed, then one balancer: readers fail over between the balancers, balancers between the servers.
import assert from 'node:assert/strict'
import { PgRoundRobin } from '@tourniquet/pg'
import { type PostgresServer, startPostgres, waitFor } from '@tourniquet/testkit'
import { type RunningBalancer, startBalancer } from './balancer.ts'
import { fill, read, type Tally } from './catalogue.ts'

const servers = await Promise.all(['A', 'B', 'C'].map((name) => startPostgres({ name })))
await Promise.all(servers.map(fill))
const [a] = servers as [PostgresServer, ...PostgresServer[]]
const balancers = await Promise.all(['first', 'second'].map((name) => startBalancer(name, servers)))
const [first, second] = balancers as [RunningBalancer, RunningBalancer]

const hosts = balancers.map(({ process }) => `127.0.0.1:${process.port}`).join(',')
const rr = new PgRoundRobin(`postgresql://postgres@${hosts}/postgres`, { pool: { max: 9 } })
const nameOf = (provider: string) => (provider.endsWith(`:${first.process.port}`) ? 'first' : 'second')
rr.on('failover', ({ from, to }) =>
  console.log(`  readers use the ${nameOf(to)} balancer now, not the ${nameOf(from)}`),
)

const tally: Tally = { answers: { A: 0, B: 0, C: 0 }, failures: [] }
const end = new AbortController()
try {
  const reading = read(rr, tally, end.signal)
  await answered(100, 'A', 'B', 'C')
  await report(first)

  console.log('A, one of the servers, is killed (SIGKILL) under load')
  await a.kill()
  await waitFor(async () => (await first.servers()).some(({ name, status }) => name === 'A' && status === 'DOWN'))
  await answered(100, 'B', 'C')
  await report(first)

  console.log('A is started again')
  await a.restart()
  const [used, other] = inUse()
  await waitFor(async () => (await other.servers()).every(({ status }) => status === 'UP'))

  console.log(`the ${used.process.name} balancer, which readers use now, is killed (SIGKILL) under load`)
  await used.process.kill()
  await answered(100, 'A', 'B', 'C')
  await report(other)

  end.abort()
  await reading
} finally {
  end.abort()
  await rr.close()
  await Promise.all([...balancers, ...servers].map((each) => each[Symbol.asyncDispose]()))
}

const sum = Object.values(tally.answers).reduce((total, count) => total + count, 0)
console.log(`${sum} reads were answered, ${tally.failures.length} failed`)
assert.deepEqual(tally.failures, [])

/** The balancer that readers use now, and the other one: the loss of A may have moved them, if they were told of it through the first. */
function inUse(): [used: RunningBalancer, other: RunningBalancer] {
  const { provider = '' } = rr.providers.find(({ state }) => state === 'current') ?? {}
  return nameOf(provider) === 'first' ? [first, second] : [second, first]
}

/** Until each of these servers has answered so many reads more. */
async function answered(more: number, ...names: ('A' | 'B' | 'C')[]): Promise<void> {
  const before = { ...tally.answers }
  await waitFor(() => names.every((name) => tally.answers[name] >= before[name] + more))
}

async function report(balancer: RunningBalancer): Promise<void> {
  const stands = (await balancer.servers()).map(({ name, status, connections }) => `${name} ${status} ${connections}`)
  console.log(`  the ${balancer.process.name} balancer: ${stands.join(', ')} (connections so far)`)
}
