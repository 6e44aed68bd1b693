import { Calls } from './calls.ts'
import { Moves } from './moves.ts'
import { Recoveries } from './recovery.ts'
import type { Side } from './scenario.ts'
import type { Say } from './timeline/timeline.ts'

/** What is kept of one side while the show lasts. */
export class Account {
  readonly side: Side
  readonly say: Say
  readonly calls: Calls
  readonly moves: Moves
  readonly recoveries: Recoveries

  /** @param nextId - shared by all sides: they use the same providers, and no two calls may have the same id */
  constructor(side: Side, nextId: () => string, say: Say) {
    this.side = side
    this.say = (kind, text) => say(kind, ofSide(side, text))
    this.calls = new Calls(nextId)
    this.moves = new Moves(side, this.say)
    this.recoveries = new Recoveries(side, this.calls)
  }
}

/** A text about one side: it says which, where there are others. */
export function ofSide({ name }: Pick<Side, 'name'>, text: string): string {
  return name === undefined ? text : `${name}: ${text}`
}
