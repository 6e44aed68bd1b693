import type { StatsSocket } from '../../config/model.ts'
import type { Watched } from '../watched.ts'

export type Level = StatsSocket['level']

/** What a command may know and change of the connection it came by. */
export interface Session {
  level: Level
  /** Does it stay open and show `> `? */
  isInteractive: boolean
  /** It is closed once what was said before is answered. */
  isOver: boolean
  /** How long it may be silent. */
  timeoutMs: number
}

/** One command of the runtime socket. */
export interface Command {
  /** What it begins with: `set server`. */
  readonly words: string
  /** What else it takes, for `help`. */
  readonly usage?: string
  readonly help: string
  /** The least level that may use it. */
  readonly level: Level
  /** What is answered, as HAProxy's own texts are: the socket adds an empty line. */
  run(context: CommandContext): string | Promise<string>
}

export interface CommandContext {
  readonly watched: Watched
  readonly session: Session
  readonly sockets: readonly StatsSocket[]
  /** What followed the command's own words. */
  readonly args: readonly string[]
}

/** The command cannot be carried out; its message is the answer. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

const levels: readonly Level[] = ['user', 'operator', 'admin']

export function isAtLeast(level: Level, needed: Level): boolean {
  return levels.indexOf(level) >= levels.indexOf(needed)
}
