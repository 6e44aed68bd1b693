// `grpc-retry-pushback-ms`: https://github.com/grpc/proposal/blob/master/A6-client-retries.md

import { status } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { answer, healthCheck, http2Server } from './http2-server.ts'
import { ask, clientOn } from './provider-client.ts'
import { roundRobin, servers } from './servers.ts'

/** A server that is well, and refuses every call with this wish. */
function refusing(code: status, pushback: string): Promise<string> {
  return http2Server((stream, path) => {
    if (path === healthCheck) answer(stream, status.UNIMPLEMENTED)
    else answer(stream, code, 'not now', { 'grpc-retry-pushback-ms': pushback })
  })
}

test.each([
  ['UNAVAILABLE', '-1'],
  ['RESOURCE_EXHAUSTED', '-1'],
  ['RESOURCE_EXHAUSTED', 'never'],
] as const)('%s with a pushback of %s is not sent again, though the call is idempotent', async (code, pushback) => {
  const { B } = await servers('B')
  const rr = roundRobin([await refusing(status[code], pushback), B.target], {
    idempotent: true,
    moveOn: ['RESOURCE_EXHAUSTED'],
  })
  const call = ask(clientOn(rr.channel()), 'exec', { text: 'once' })
  await expect(call).rejects.toMatchObject({ code: status[code], details: 'not now' })
  expect(await B.ledger()).toEqual([])
})

test.each(['UNAVAILABLE', 'RESOURCE_EXHAUSTED'] as const)(
  '%s with a pushback of 300 ms is sent again after that',
  async (code) => {
    const { B } = await servers('B')
    const rr = roundRobin([await refusing(status[code], '300'), B.target], {
      idempotent: true,
      moveOn: ['RESOURCE_EXHAUSTED'],
    })
    await rr.connect()
    const startedAt = performance.now()
    expect((await ask(clientOn(rr.channel()), 'who')).provider).toBe('B')
    expect(performance.now() - startedAt).toBeGreaterThan(290)
  },
)
