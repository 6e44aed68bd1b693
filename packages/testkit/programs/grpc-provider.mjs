// The services of grpc-server.mjs, as @grpc/grpc-js wants them described; the types and the docs are in the .d.mts.

import { message } from './grpc-wire.mjs'

const request = message({ text: 'string', number: 'int32', delayMs: 'int32' })
const reply = message({ provider: 'string', text: 'string', number: 'int32' })
const healthRequest = message({ service: 'string' })
const healthReply = message({ status: 'int32' }) // an enum is one on the wire

const ONE = [false, false]
const REPLY_STREAM = [false, true]
const REQUEST_STREAM = [true, false]
const BOTH = [true, true]

export const providerService = service('tourniquet.testkit.Provider', request, reply, {
  Who: ONE,
  Exec: ONE,
  Fail: ONE,
  Hang: ONE,
  Count: REPLY_STREAM,
  Collect: REQUEST_STREAM,
  Chat: BOTH,
})

export const healthService = service('grpc.health.v1.Health', healthRequest, healthReply, { Check: ONE })

function service(name, request, reply, methods) {
  const described = Object.entries(methods).map(([method, [requestStream, responseStream]]) => [
    method,
    {
      path: `/${name}/${method}`,
      originalName: method.charAt(0).toLowerCase() + method.slice(1),
      requestStream,
      responseStream,
      requestSerialize: request.encode,
      requestDeserialize: request.decode,
      responseSerialize: reply.encode,
      responseDeserialize: reply.decode,
    },
  ])
  return Object.fromEntries(described)
}
