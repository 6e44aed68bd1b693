import type { CheckResult } from './contract.ts'
import type { HealthEvent } from './event.ts'
import { countOf } from './level.ts'
import { checkDescription } from './status.ts'
import { isPass } from './steps.ts'

/** What a line says besides: of the server, and of its backend once the server has changed. */
export interface Surroundings {
  readonly backend: string
  readonly server: string
  /** One of the servers for when no other is left. */
  readonly isBackup: boolean
  /** Servers that can be picked, without and with `backup`. */
  readonly active: number
  readonly backup: number
  /** Sessions that are on the server. */
  readonly sessions: number
  /** Sessions that left its queue for another server. */
  readonly requeued: number
  /** Waiting in the backend's queue. */
  readonly queued: number
  /** `option log-health-checks`. */
  readonly logHealthChecks: boolean
}

export interface HealthLine {
  /** Syslog's number. */
  readonly level: number
  readonly text: string
}

const emergency = 0
const alert = 1
const notice = 5

/** The lines HAProxy logs for it: one for the check, if it is to be logged, and one if the server's status changed. */
export function describeChange(event: HealthEvent, around: Surroundings): HealthLine[] {
  const lines: HealthLine[] = []
  const { last } = event.health
  if (around.logHealthChecks && event.isNews && last !== undefined) {
    lines.push({ level: notice, text: describeCheck(event, last, around) })
  }
  if (event.changed) {
    // One that was on its way out already is no surprise.
    const level = event.health.status === 'down' && event.before !== 'nolb' ? alert : notice
    lines.push({ level, text: describeStatus(event, around) })
  }
  return lines
}

function describeCheck(
  { health, cause }: HealthEvent,
  last: CheckResult,
  { backend, server, isBackup }: Surroundings,
): string {
  const { status, level, rise } = health
  const isGood = cause === 'check' && isPass(last)
  const how = last.status === 'L7OKC' && status !== 'down' ? 'conditionally succeeded' : isGood ? 'succeeded' : 'failed'
  const state = `${countOf(level, health)} ${level >= rise ? 'UP' : 'DOWN'}`
  return `Health check for ${isBackup ? 'backup ' : ''}server ${backend}/${server} ${how}, ${reason(last)}, status: ${state}.`
}

const verbs = { up: 'is UP', down: 'is DOWN', nolb: 'is stopping' } as const

function describeStatus({ health, cause }: HealthEvent, around: Surroundings): string {
  const { backend, server, isBackup, active, backup, sessions, requeued, queued, logHealthChecks } = around
  const why =
    cause === 'command' ? ', changed from CLI' : logHealthChecks || !health.last ? '' : `, ${reason(health.last)}`
  const isDown = health.status === 'down'
  const rest = `${active} active and ${backup} backup servers ${isDown ? 'left' : 'online'}.`
  const onBackup = active === 0 && backup > 0 ? ' Running on backup.' : ''
  const counts = isDown
    ? `${sessions} sessions active, ${requeued} requeued, ${queued} remaining in queue.`
    : `${requeued} sessions requeued, ${queued} total in queue.`
  return `${isBackup ? 'Backup ' : ''}Server ${backend}/${server} ${verbs[health.status]}${why}. ${rest}${onBackup} ${counts}`
}

/** `reason: Layer7 wrong status, code: 503, info: "No", check duration: 3ms` */
function reason({ status, code, text, ms }: CheckResult): string {
  return [
    `reason: ${checkDescription(status)}`,
    ...(code === undefined ? [] : [`code: ${code}`]),
    ...(text === '' ? [] : [`info: "${printable(text)}"`]),
    ...(status === 'HANA' ? [] : [`check duration: ${ms}ms`]),
  ].join(', ')
}

/** What a server sent is not to look like anything else in a log: `<22>` for a quote, and so on. */
function printable(text: string): string {
  return text.replace(/[^ -~]|["<>]/g, (sign) => {
    const bytes = sign.charCodeAt(0) < 256 ? Buffer.from(sign, 'latin1') : Buffer.from(sign)
    return [...bytes].map((byte) => `<${byte.toString(16).toUpperCase().padStart(2, '0')}>`).join('')
  })
}

/** What HAProxy logs beside, when that was the last server of a section that can be picked. */
export function describeEmpty(section: { readonly name: string; readonly kind: 'backend' | 'listen' }): HealthLine {
  const what = section.kind === 'listen' ? 'proxy' : 'backend'
  return { level: emergency, text: `${what} ${section.name} has no server available!` }
}
