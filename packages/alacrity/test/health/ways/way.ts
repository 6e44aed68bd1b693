import type { CheckMethod, ServerCheck } from '../../../src/config/model.ts'
import type { Behaviour } from '../scripted.ts'

/** One way to check, in HAProxy's words and in ours. */
export interface Way {
  readonly name: string
  readonly lines: readonly string[]
  readonly words?: string
  readonly method: CheckMethod
  readonly check?: Partial<ServerCheck>
  /** What servers may do, besides what all do. */
  readonly answers: Readonly<Record<string, Behaviour>>
}

/** What a server may do to any check. */
export const common: Readonly<Record<string, Behaviour>> = {
  refused: { absent: 'refused' },
  dark: { absent: 'dark' },
  silent: {},
  'closed at once': { first: true, ends: 'fin' },
  'reset soon': { first: true, ends: 'rst' },
  'closed once asked': { ends: 'fin' },
  'reset once asked': { ends: 'rst' },
  'wrong bytes, stays': { first: true, says: ['\x01\x02\x03wrong bytes that nobody understands\r\n'] },
  'wrong bytes, closes': { first: true, says: ['\x01\x02\x03wrong bytes that nobody understands\r\n'], ends: 'fin' },
  'one byte, closes': { first: true, says: ['x'], ends: 'fin' },
  'too much': { first: true, says: ['z'.repeat(40_000)], ends: 'fin' },
}

/** What its servers do: what all may, and its own. */
export function behavioursOf(way: Way): (readonly [name: string, behaviour: Behaviour])[] {
  return Object.entries({ ...common, ...way.answers })
}
