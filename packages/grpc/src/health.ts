import { type Channel, Client, status as Code, credentials, type ServiceError } from '@grpc/grpc-js'
import { callError } from './call-error.ts'
import { type EndedStatus, origin } from './origin.ts'

// https://github.com/grpc/grpc/blob/master/doc/health-checking.md
const CHECK = '/grpc.health.v1.Health/Check'
const SERVING = 1

/**
 * Asks a server whether it is well: it does so as soon as it is connected, or says why it is not. Any answer of its
 * application is a sign of life, also that it knows no health service; only that it is not serving is none.
 *
 * @param service - which; '' is the server as a whole
 */
export function checkHealth(channel: Channel, service: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const client = new Client('', credentials.createInsecure(), { channelOverride: channel })
    const call = client.makeUnaryRequest(CHECK, encode, decode, service, (error, state) => {
      signal.removeEventListener('abort', cancel)
      const failure = error ? failureOf(error, service) : notServing(state ?? 0, service)
      if (failure) reject(failure)
      else resolve()
    })
    const cancel = () => call.cancel()
    signal.addEventListener('abort', cancel)
    if (signal.aborted) cancel()
  })
}

function notServing(state: number, service: string): Error | undefined {
  return state === SERVING ? undefined : callError(unwell(`${nameOf(service)} is not serving (state ${state})`))
}

function failureOf(error: ServiceError & EndedStatus, service: string): Error | undefined {
  if (error[origin] !== 'server') return callError(error)
  if (error.code === Code.NOT_FOUND && service !== '') return callError(unwell(`it has no ${nameOf(service)}`))
  return error.code === Code.UNAVAILABLE ? callError(error) : undefined
}

function unwell(details: string) {
  return { code: Code.UNAVAILABLE, details: `health check: ${details}` }
}

function nameOf(service: string): string {
  return service === '' ? 'the server' : `service ${service}`
}

// The two messages have one field each: too little for a protobuf library.

/** `string service = 1` */
function encode(service: string): Buffer {
  const text = Buffer.from(service)
  if (text.length === 0) return text
  const length = text.length < 128 ? [text.length] : [(text.length & 127) | 128, text.length >> 7]
  return Buffer.concat([Buffer.from([0x0a, ...length]), text])
}

/** `ServingStatus status = 1` */
function decode(bytes: Buffer): number {
  return bytes[0] === 0x08 ? (bytes[1] ?? 0) : 0
}
