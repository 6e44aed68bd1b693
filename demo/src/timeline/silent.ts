import type { Timeline } from './timeline.ts'

/** Shows nothing: for `--json`. */
export const silent: Timeline = {
  tickMs: 1_000,
  begin() {},
  start() {},
  say() {},
  tick() {},
  end() {},
}
