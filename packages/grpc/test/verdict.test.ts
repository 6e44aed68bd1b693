// Each row of `verdict.ts`, brought about for real: the words of grpc-js are its own, and change.

import { constants } from 'node:http2'
import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { freePort } from '@tourniquet/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { GrpcConnector, type MovingCode } from '../src/index.ts'
import { origin } from '../src/origin.ts'
import { ProviderChannel } from '../src/provider-channel.ts'
import { answer, http2Server } from './http2-server.ts'
import { ask, clientOn, type ProviderClient, type UnaryName } from './provider-client.ts'
import { servers } from './servers.ts'

/** A client on the plain channel that `run` hands out. */
function plain(target: string): { channel: ProviderChannel; client: ProviderClient } {
  const channel = new ProviderChannel(target, credentials.createInsecure())
  onTestFinished(() => channel.close())
  return { channel, client: clientOn(channel) }
}

async function failureOf(call: Promise<unknown>): Promise<ServiceError> {
  return call.then(
    () => Promise.reject(new Error('it succeeded')),
    (error) => error,
  )
}

async function verdictOn(call: Promise<unknown>, moveOn: MovingCode[] = []) {
  const error = await failureOf(call)
  const connector = new GrpcConnector({ credentials: credentials.createInsecure(), moveOn })
  const { code, details } = error
  return { code: status[code], details, of: Reflect.get(error, origin), verdict: connector.judge(error, 'run') }
}

const said = async (number: status, moveOn: MovingCode[] = []) => {
  const { A } = await servers('A')
  return verdictOn(ask(plain(A.target).client, 'fail', { number, text: 'said so' }), moveOn)
}

describe('the application’s word', () => {
  test('UNAVAILABLE is the provider’s fault, and the call may have been applied', async () => {
    expect(await said(status.UNAVAILABLE)).toMatchObject({ of: 'server', verdict: 'unsure' })
  })

  test.each([
    status.CANCELLED,
    status.UNKNOWN,
    status.INVALID_ARGUMENT,
    status.DEADLINE_EXCEEDED,
    status.NOT_FOUND,
    status.PERMISSION_DENIED,
    status.RESOURCE_EXHAUSTED,
    status.ABORTED,
    status.UNIMPLEMENTED,
    status.INTERNAL,
    status.DATA_LOSS,
    status.UNAUTHENTICATED,
  ])('any other (%i) is the caller’s', async (code) => {
    expect(await said(code)).toMatchObject({ code: status[code], of: 'server', verdict: 'caller' })
  })

  test.each([
    ['RESOURCE_EXHAUSTED', 'unsure'],
    ['UNAUTHENTICATED', 'next'],
    ['UNIMPLEMENTED', 'next'],
  ] as const)('%s is the provider’s where that is opted in', async (name, verdict) => {
    expect(await said(status[name], [name])).toMatchObject({ code: name, verdict })
    expect(await said(status.NOT_FOUND, [name])).toMatchObject({ verdict: 'caller' })
  })

  test.each(['-1', 'later'])('a pushback of %s forbids that', async (ms) => {
    const target = await http2Server((stream) =>
      answer(stream, status.RESOURCE_EXHAUSTED, '', { 'grpc-retry-pushback-ms': ms }),
    )
    expect(await verdictOn(ask(plain(target).client, 'who'), ['RESOURCE_EXHAUSTED'])).toMatchObject({
      of: 'server',
      verdict: 'caller',
    })
  })
})

describe('never sent', () => {
  test('nobody listens', async () => {
    const { client } = plain(`127.0.0.1:${await freePort()}`)
    expect(await verdictOn(ask(client, 'who'))).toMatchObject({ code: 'UNAVAILABLE', of: 'unsent', verdict: 'next' })
  })

  test('the channel is closed before the call has a stream', async () => {
    const { A } = await servers('A')
    const { channel, client } = plain(A.target)
    const call = ask(client, 'who')
    channel.close()
    expect(await verdictOn(call)).toMatchObject({ of: 'unsent', verdict: 'next' })
  })

  test('the stream is refused', async () => {
    const target = await http2Server((stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM))
    expect(await verdictOn(ask(plain(target).client, 'who'))).toMatchObject({
      code: 'UNAVAILABLE',
      details: 'Stream refused by server',
      of: 'local',
      verdict: 'next',
    })
  })

  test('a generator of call credentials fails: with any provider', async () => {
    const { A } = await servers('A')
    const { client } = plain(A.target)
    const failing = credentials.createFromMetadataGenerator((_, callback) => callback(new Error('no token')))
    for (const code of ['UNKNOWN', 'UNAVAILABLE'] as const) {
      const own = credentials.createFromMetadataGenerator((_, callback) =>
        callback(Object.assign(new Error('no token'), { code: status[code] })),
      )
      const call = new Promise((resolve, reject) => {
        const options = { credentials: code === 'UNKNOWN' ? failing : own }
        client.who({}, new Metadata(), options, (error, reply) => (error ? reject(error) : resolve(reply)))
      })
      expect(await verdictOn(call)).toMatchObject({ code, verdict: 'caller' })
    }
  })
})

describe('may have been applied', () => {
  test('the server is killed', async () => {
    const { A } = await servers('A')
    const { client } = plain(A.target)
    await ask(client, 'who')
    const call = verdictOn(ask(client, 'hang'))
    await A.kill()
    expect(await call).toMatchObject({ code: 'UNAVAILABLE', of: 'local', verdict: 'unsure' })
  })

  test.each([
    ['CANCEL', 'CANCELLED'],
    ['NO_ERROR', 'INTERNAL'],
    ['PROTOCOL_ERROR', 'INTERNAL'],
    ['INTERNAL_ERROR', 'INTERNAL'],
    ['FLOW_CONTROL_ERROR', 'INTERNAL'],
    ['ENHANCE_YOUR_CALM', 'RESOURCE_EXHAUSTED'],
    ['INADEQUATE_SECURITY', 'PERMISSION_DENIED'],
  ] as const)('the stream is reset with %s, which arrives as %s', async (reset, code) => {
    const target = await http2Server((stream) => stream.close(constants[`NGHTTP2_${reset}`]))
    expect(await verdictOn(ask(plain(target).client, 'who'))).toMatchObject({ code, of: 'local', verdict: 'unsure' })
  })

  test('our own channel is closed by the engine', async () => {
    const { A } = await servers('A')
    const { channel, client } = plain(A.target)
    await ask(client, 'who')
    const call = verdictOn(ask(client, 'hang'))
    await channel.end(0)
    expect(await call).toMatchObject({ code: 'UNAVAILABLE', of: 'engine', verdict: 'unsure' })
  })
})

describe('the caller’s own', () => {
  test('he cancels', async () => {
    const { A } = await servers('A')
    const { client } = plain(A.target)
    const call = new Promise((_, reject) => {
      const own = client.hang({}, (error) => reject(error))
      setImmediate(() => own.cancel())
    })
    expect(await verdictOn(call)).toMatchObject({ code: 'CANCELLED', of: 'caller', verdict: 'caller' })
  })

  test.each([['hang', 20] as const, ['who', -1] as const])(
    'his deadline passes (%s)',
    async (method: UnaryName, ms) => {
      const { A } = await servers('A')
      const { client } = plain(A.target)
      await ask(client, 'who')
      const call = new Promise((resolve, reject) => {
        const options = { deadline: Date.now() + ms }
        client[method]({}, new Metadata(), options, (error, reply) => (error ? reject(error) : resolve(reply)))
      })
      // The server is told of it, too, and may say so first.
      const of = expect.stringMatching(/^(deadline|server)$/)
      expect(await verdictOn(call)).toMatchObject({ code: 'DEADLINE_EXCEEDED', of, verdict: 'caller' })
    },
  )

  test('what nobody knows', async () => {
    const target = await http2Server((stream) => stream.respond({ ':status': 418 }, { endStream: true }))
    expect(await verdictOn(ask(plain(target).client, 'who'))).toMatchObject({ code: 'UNKNOWN', verdict: 'caller' })
  })
})

test('an error that did not go through a channel of ours is judged by its words', () => {
  const connector = new GrpcConnector({ credentials: credentials.createInsecure() })
  const error = (code: status, details: string, metadata = new Metadata()) => ({ code, details, metadata })
  const answered = new Metadata()
  answered.set('content-type', 'application/grpc')
  expect(connector.judge(error(status.UNAVAILABLE, 'No connection established. Last error: …'), 'run')).toBe('next')
  expect(connector.judge(error(status.UNAVAILABLE, 'Connection dropped'), 'run')).toBe('unsure')
  // Said in the moment between the loss of a session and the news of it, which nobody can bring about from outside.
  expect(connector.judge(error(status.INTERNAL, 'Failed to start HTTP/2 stream with error …'), 'run')).toBe('next')
  expect(connector.judge(error(status.INTERNAL, 'Received RST_STREAM with code 2', answered), 'run')).toBe('caller')
  expect(connector.judge(new TypeError('what is this'), 'run')).toBeUndefined()
})

test('our own limit of open files is no provider’s fault', () => {
  const connector = new GrpcConnector({ credentials: credentials.createInsecure() })
  const details = 'No connection established. Last error: connect EMFILE 127.0.0.1:50051 - Local (undefined:undefined)'
  expect(connector.judge({ code: status.UNAVAILABLE, details, metadata: new Metadata() }, 'connect')).toBe('caller')
})
