import { type LineClient, lineConnector, startLineServer } from '@tourniquet/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { RoundRobin } from '../src/index.ts'

// On a real server; what any connector must keep is in `conformance.test.ts`.

/** Nothing else of this process happens for so long. */
function block(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

test('G9 an answer that arrived while our event loop was blocked beyond the limit counts', async () => {
  const server = await startLineServer({ name: 'A' })
  onTestFinished(() => server[Symbol.asyncDispose]())
  const rr = new RoundRobin([server.url], lineConnector())
  onTestFinished(() => rr.close())
  await rr.connect()
  const answerLate = (client: LineClient): Promise<string> => {
    const answer = client.request('WHO')
    block(150)
    return answer
  }
  for (const limit of ['deadlineMs', 'attemptTimeoutMs']) expect(await rr.run(answerLate, { [limit]: 50 })).toBe('A')
})
