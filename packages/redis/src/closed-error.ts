import { ClosedError } from '@tourniquet/core'

/** In ioredis' words: BullMQ and others know by them that a client has ended. */
export function closedError(): ClosedError {
  return new ClosedError('Connection is closed.', { cause: new Error('the RoundRobin of this client was closed') })
}
