// An ordinary client over three servers, of which one is killed and one shut down under load. The failover is in
// the channel that the client is given; its own code (`client.ts`) has none.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { credentials } from '@grpc/grpc-js'
import { GrpcRoundRobin, idempotentMethods } from '@tourniquet/grpc'
import { guestOn } from './client.ts'
import { Greeter } from './greeter.ts'
import { CALLERS, load, type Outcomes } from './load.ts'
import { startServers } from './servers.ts'

const { servers, stop } = await startServers(['A', 'B', 'C'])
const [a, b, c] = servers
const nameOf = (target: unknown) => servers.find((server) => server.target === target)?.name

const rr = new GrpcRoundRobin([a.target, b.target, c.target], {
  credentials: credentials.createInsecure(),
  idempotent: idempotentMethods(Greeter.service), // of what `greeter.proto` says that it may be sent again
})
rr.on('failover', ({ from, to }) => console.log(`  calls go to ${nameOf(to)} now, not to ${nameOf(from)}`))

const outcomes: Outcomes = { greeted: [], signed: [], failed: [] }
const { greeted, signed, failed } = outcomes
const report = () =>
  console.log(`  ${greeted.length} greetings, ${signed.length} signatures; ${failed.length} calls failed`)
const end = new AbortController()
try {
  const guest = guestOn(rr.channel())
  console.log((await guest.greet('Ada')).text)
  const loading = load(guest, outcomes, end.signal)
  await sleep(500)
  report()

  console.log(`A is killed (SIGKILL), with up to ${CALLERS} calls in flight`)
  await a.kill()
  await sleep(500)
  report()
  const failedByKill = failed.length

  console.log('B is shut down in good order (SIGTERM), as in a rolling restart')
  await b.shutdown()
  await sleep(500)
  report()

  end.abort()
  await loading
  assert.equal(nameOf(rr.current), 'C')
  assert.equal(failed.length, failedByKill, 'a shutdown in good order must not fail a call')
  check()
} finally {
  end.abort()
  await rr.close()
  await stop()
}

/** Holds what the guests were told against the guest books. */
function check(): void {
  for (const { call, name, error } of failed) {
    // A greeting may be sent again. A signature may not: if it was on its way to A, nobody can tell whether it was written.
    assert.equal(call, 'sign', `${call} of ${name} failed: ${error.message}`)
    assert.equal(error.outcome, 'unknown', `sign of ${name} failed: ${error.message}`)
  }
  const written = servers.flatMap((server) => server.book())
  const names = new Set(written)
  const twice = written.length - names.size
  const missing = signed.filter((name) => !names.has(name)).length
  const writtenUntold = failed.filter(({ name }) => names.has(name)).length
  console.log(`the books: ${written.length} names, ${twice} twice, ${missing} missing`)
  if (failed.length > 0) {
    console.log(
      `  of ${failed.length} with the outcome 'unknown', ${writtenUntold} were written: only the books can tell`,
    )
  }
  assert.equal(twice, 0)
  assert.equal(missing, 0)
}
