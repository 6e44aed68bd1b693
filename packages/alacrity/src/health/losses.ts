import type { ServerConfig } from '../config/model.ts'
import type { CheckResult } from './contract.ts'
import { type Level, type Limits, worse } from './level.ts'

type OnError = NonNullable<ServerConfig['observe']>['onError']

/** What too many losses in a row make of a server's level, by `on-error`. Nothing: only the next check comes sooner. */
export function afterLosses(now: Level, limits: Limits, onError: OnError): Level | undefined {
  switch (onError) {
    case 'fastinter':
      return undefined
    case 'fail-check':
      return worse(now, limits)
    case 'sudden-death': // one more takes it down
      return worse({ ...now, level: Math.min(now.level, limits.rise + 1) }, limits)
    case 'mark-down':
      return { status: 'down', level: 0 }
  }
}

/** HAProxy's words for it. */
export function lossesResult(count: number): CheckResult {
  const text = `Detected ${count} consecutive errors, last one was: L4 unsuccessful connection`
  return { status: 'HANA', text, ms: 0 }
}
