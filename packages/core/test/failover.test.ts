import { execFileSync } from 'node:child_process'
import { type LineClient, type LineServer, lineConnector, startLineServer } from '@tourniquet/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { RoundRobin } from '../src/index.ts'

// On a real server; what any connector must keep is in `conformance.test.ts`.

/** Asks a line server who it is, and ends when that is answered: after its greeting. */
const WHO = `
  const socket = require('net').connect(process.argv[1], '127.0.0.1', () => socket.write('1 WHO\\n'))
  let text = ''
  socket.on('data', (bytes) => /\\n.*\\n/.test((text += bytes)) && socket.destroy())`

/** Nothing else of this process happens for so long, nor before the server has answered somebody who asked it later. */
function block(server: LineServer, ms: number): void {
  const until = performance.now() + ms
  execFileSync(process.execPath, ['-e', WHO, String(server.port)], { timeout: 20_000 })
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
    block(server, 150)
    return answer
  }
  for (const limit of ['deadlineMs', 'attemptTimeoutMs']) expect(await rr.run(answerLate, { [limit]: 50 })).toBe('A')
})
