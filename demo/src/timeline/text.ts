import { CALLERS } from '../callers.ts'
import type { Introduced, Snapshot } from './timeline.ts'

/** The first lines: what it is that one is about to see. As all texts of the show they fit into 79 columns. */
export function introduction({ name, description, introduction: special, title }: Introduced): readonly string[] {
  if (title !== undefined) return [`tourniquet: ${title}`, '', ...special, '']
  return [
    `tourniquet: sticky failover, live (${name}: ${description})`,
    '',
    `The providers are real processes that do the same job. ${CALLERS} callers use them`,
    'through a RoundRobin: every call goes to ONE of them, the current one.',
    'A script kills, freezes and cuts off whichever is current, and revives it.',
    'Watch the calls move to the next and stay there, and nothing happen twice.',
    '',
    ...(special.length > 0 ? [...special, ''] : []),
  ]
}

/** A line that says when. */
export function stamped(startedAt: number, text: string): string {
  const seconds = (performance.now() - startedAt) / 1000
  return `${seconds.toFixed(1).padStart(6)} s  ${text}`
}

export const count = (value: number): string => value.toLocaleString('en-US')

export function pace({ callsPerSecond, p50Ms, p99Ms, failovers }: Snapshot): string {
  const moves = failovers === undefined ? '' : `, failovers ${failovers}`
  return `${String(callsPerSecond).padStart(4)} calls/s, p50 ${p50Ms} ms, p99 ${p99Ms} ms${moves}`
}
