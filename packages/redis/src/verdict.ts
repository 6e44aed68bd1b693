import type { Phase, Verdict } from '@tourniquet/core'
import type { Command } from 'ioredis'
import { isScript } from './commands.ts'

/** What a provider is for. */
export type Role = 'master' | 'replica' | 'any'

interface Row {
  /** How the reply begins. */
  readonly says: RegExp
  readonly verdict: Verdict
}

// Every reply was looked at by the server before anything was done: a refusal means not applied. What none fits is the
// caller's, and shows that the server is well.
const rows: readonly Row[] = [
  // It has become a replica, has just started, has lost its primary, or its cluster.
  { says: /^-?(READONLY|LOADING|MASTERDOWN|CLUSTERDOWN)\b/, verdict: 'next' },
  // Of a blocked client, where the server becomes a replica. "UNBLOCKED client unblocked via CLIENT UNBLOCK" is somebody's wish.
  { says: /^-?UNBLOCKED force unblock/, verdict: 'next' },
  // It takes no writes: too few replicas are there to take them, or it cannot save to its disk.
  { says: /^-?(NOREPLICAS|MISCONF)\b/, verdict: 'next' },
  { says: /^-?ERR max number of clients reached/, verdict: 'next' },
]

const marks = new WeakMap<object, Verdict>()

/** Says of an error whose fault it is, where its words do not: ioredis says "Connection is closed." of anything. */
export function marked<E extends Error>(verdict: Verdict, error: E): E {
  marks.set(error, verdict)
  return error
}

// A script may answer whatever it likes: of one, only the whole sentence of the server counts.
const sentences =
  /^-?(ERR Error running script.*-)?(READONLY You can't write against|LOADING Redis is loading|MASTERDOWN Link with MASTER is down|NOREPLICAS Not enough good|MISCONF Redis is configured)/

const others = new WeakMap<object, () => boolean>()

/**
 * Says of an error that a command was not applied, and how to find out whether something else of its attempt may have
 * been: asked when that is judged, since a pipeline goes on after its first error.
 */
export function entangle(error: Error, mayBeApplied: () => boolean): void {
  others.set(error, mayBeApplied)
}

/** Whose fault an error of ioredis is; undefined where the table of `@tourniquet/core` decides. */
export function verdictOf(error: unknown, phase: Phase, role: Role): Verdict | undefined {
  if (!(error instanceof Error)) return undefined
  const verdict = ownVerdict(error, phase, role)
  return verdict === 'next' && others.get(error)?.() ? 'unsure' : verdict
}

/** Whether an error speaks against a provider, and not against who has asked. */
export function isProvidersFault(error: unknown, role: Role): boolean {
  const verdict = verdictOf(error, 'run', role)
  return verdict !== undefined && verdict !== 'caller'
}

function ownVerdict(error: Error, phase: Phase, role: Role): Verdict | undefined {
  const mark = marks.get(error)
  if (mark) return mark
  if (error.name !== 'ReplyError') return undefined
  const { message, previousErrors = [] } = error as Error & { previousErrors?: readonly Error[] }
  if (message.startsWith('EXECABORT')) {
    return previousErrors.some((each) => isRefusal(each, role)) ? 'next' : 'caller'
  }
  if (isRefusal(error, role)) return 'next'
  // A wrong password is wrong everywhere. What else a server says while it is connected to, others may not say.
  return phase === 'connect' && !isDenial(error) ? undefined : 'caller'
}

/** Whether a server does not let this user in. */
function isDenial({ message }: Error): boolean {
  return /^-?(NOAUTH|WRONGPASS|NOPERM|ERR invalid password|ERR AUTH)\b/.test(message)
}

/** Whether a server that is not fit for it has refused a command. */
export function isRefusal(error: Error, role: Role): boolean {
  // Who asks for replicas and writes to one has himself to blame.
  if (role === 'replica' && /^-?READONLY\b/.test(error.message)) return false
  const { command } = error as Error & { command?: Pick<Command, 'name'> }
  return command && isScript(command)
    ? sentences.test(error.message)
    : rows.some(({ says }) => says.test(error.message))
}
