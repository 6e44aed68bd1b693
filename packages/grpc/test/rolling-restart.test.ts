import { type GrpcServer, waitFor } from '@tourniquet/testkit'
import { expect, test } from 'vitest'
import { ask, clientOn } from './provider-client.ts'
import { roundRobin, servers } from './servers.ts'

const CALLERS = 50
const RESTARTS = 6

test('a rolling restart (GOAWAY) under 50 callers who are not idempotent: no error, and nothing is executed twice', async () => {
  const { A, B } = await servers('A', 'B')
  const rr = roundRobin([A.target, B.target])
  const client = clientOn(rr.channel())
  const failures: unknown[] = []
  const done: string[] = []
  let isOver = false
  const callers = Array.from({ length: CALLERS }, async (_, caller) => {
    for (let turn = 0; !isOver && failures.length < 100; turn++) {
      const text = `${caller}-${turn}`
      await ask(client, 'exec', { text, delayMs: 5 }).then(
        () => void done.push(text),
        (error) => void failures.push(error),
      )
    }
  })
  await waitFor(() => done.length > 0, { what: 'the first call' })
  for (let restart = 0; restart < RESTARTS; restart++) {
    const target = rr.current
    const server: GrpcServer = target === A.target ? A : B
    await server.shutdown()
    await server.restart()
    const before = done.length
    const hasMoved = () => rr.current !== undefined && rr.current !== target && done.length > before + CALLERS
    await waitFor(() => failures.length > 0 || hasMoved(), { what: 'calls on the next server', timeoutMs: 30_000 })
  }
  isOver = true
  await Promise.all(callers)
  expect(failures.map(String)).toEqual([])
  const executed = [...(await A.ledger()), ...(await B.ledger())]
  expect(executed.sort()).toEqual(done.sort())
})
