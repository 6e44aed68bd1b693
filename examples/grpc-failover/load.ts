// Guests who greet and sign, one call after the other, and what became of each call.
import type { ServiceError } from '@grpc/grpc-js'
import type { FailoverStatus } from '@tourniquet/grpc'
import type { Guest } from './client.ts'

/** The names of the calls, by what became of them. */
export interface Outcomes {
  readonly greeted: string[]
  readonly signed: string[]
  readonly failed: { readonly call: keyof Guest; readonly name: string; readonly error: CallFailure }[]
}

/** An error of a grpc-js client: with an `outcome`, where no server could serve the call. */
export type CallFailure = ServiceError & Partial<FailoverStatus>

/** Every second one greets, the others sign. */
export const CALLERS = 40

/** Resolves when `signal` has aborted and all calls have settled. Each has a name of its own. */
export async function load(guest: Guest, outcomes: Outcomes, signal: AbortSignal): Promise<void> {
  await Promise.all(Array.from({ length: CALLERS }, (_, at) => caller(at)))

  async function caller(at: number): Promise<void> {
    const call = at % 2 === 0 ? 'greet' : 'sign'
    const succeeded = call === 'greet' ? outcomes.greeted : outcomes.signed
    for (let visit = 1; !signal.aborted; visit += 1) {
      const name = `guest-${at}-${visit}`
      try {
        await guest[call](name)
        succeeded.push(name)
      } catch (error) {
        outcomes.failed.push({ call, name, error: error as CallFailure })
      }
    }
  }
}
