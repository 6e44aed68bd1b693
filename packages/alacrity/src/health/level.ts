import type { ServerCheck } from '../config/model.ts'
import type { CheckResult, Health } from './contract.ts'
import { isPass } from './steps.ts'

/**
 * How well a server is: 0 to `rise + fall - 1`, and up from `rise` on. One good check counts one while it is down, and
 * makes it entirely well once it is up; one bad check takes one while it is up, and everything once it is down.
 */
export interface Level {
  readonly status: Health['status']
  readonly level: number
}

export type Limits = Pick<ServerCheck, 'rise' | 'fall'>

export function topOf({ rise, fall }: Limits): number {
  return rise + fall - 1
}

/** Up, but the first bad check takes it down. */
export function firstLevel({ rise }: Limits): Level {
  return { status: 'up', level: rise }
}

export function levelAfter(now: Level, limits: Limits, result: Pick<CheckResult, 'status'>): Level {
  // NOLB is a word for servers that are up: to one that is down a 404 is a 404.
  const isGood = isPass(result) && !(result.status === 'L7OKC' && now.status === 'down')
  return isGood ? better(now, limits, result.status === 'L7OKC') : worse(now, limits)
}

function better({ level }: Level, limits: Limits, isConditional: boolean): Level {
  const isUp = level + 1 >= limits.rise
  if (!isUp) return { status: 'down', level: level + 1 }
  return { status: isConditional ? 'nolb' : 'up', level: topOf(limits) }
}

export function worse({ status, level }: Level, { rise }: Limits): Level {
  return level > rise ? { status, level: level - 1 } : { status: 'down', level: 0 }
}

/** What a level is by other limits: a reload forgets neither that it is up, nor how many checks have failed. */
export function levelBy(now: Level, before: Limits, after: Limits): Level {
  if (now.level < before.rise) return { status: 'down', level: Math.min(now.level, after.rise - 1) }
  const missing = topOf(before) - now.level
  return { status: now.status, level: Math.max(after.rise, topOf(after) - missing) }
}

/** How long until the next check: see `inter`, `fastinter`, `downinter`. */
export function intervalOf({ level }: Level, check: ServerCheck): number {
  if (level === topOf(check)) return check.interMs
  return level === 0 ? check.downinterMs : check.fastinterMs
}

/** HAProxy's count beside a status: `2/3` while it is up, of `fall`; `1/2` while it is down, of `rise`. */
export function countOf(level: number, { rise, fall }: Limits): string {
  return level >= rise ? `${level - rise + 1}/${fall}` : `${level}/${rise}`
}
