import type { Choice } from '../arguments.ts'
import { LiveTimeline } from './live.ts'
import { PlainTimeline } from './plain.ts'
import { silent } from './silent.ts'
import type { Timeline } from './timeline.ts'

/** Where the live view fits; anywhere else there are plain lines. */
const LEAST_COLUMNS = 60
const LEAST_ROWS = 16

export function timelineFor(output: NodeJS.WriteStream, { json, seconds }: Choice): Timeline {
  if (json) return silent
  const isScreen = output.isTTY && process.env.TERM !== 'dumb'
  const fits = output.columns >= LEAST_COLUMNS && output.rows >= LEAST_ROWS
  return isScreen && fits ? new LiveTimeline(output, seconds) : new PlainTimeline(output)
}
