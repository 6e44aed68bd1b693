import type { Side } from './scenario.ts'
import type { Say } from './timeline/timeline.ts'

/** What the engine of one side tells itself: connections made, failovers and why. */
export class Moves {
  readonly reasons: string[] = []
  connects = 0

  constructor({ roundRobin }: Side, say: Say) {
    roundRobin.on('connect', () => {
      this.connects += 1
    })
    roundRobin.on('failover', ({ from, to, reason }) => {
      this.reasons.push(reason)
      say('move', `failover ${from} → ${to} (${reason})`)
    })
  }
}
