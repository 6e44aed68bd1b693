import { InvalidError } from '@tourniquet/core'
import { marked } from './verdict.ts'

/** What a server must be, in libpq's words. */
export type TargetSessionAttrs = 'any' | 'read-write' | 'read-only' | 'primary' | 'standby' | 'prefer-standby'

/** What a server says of itself. */
export interface Role {
  readonly isStandby: boolean
  /** Whether transactions are read-only there unless they say otherwise, though it is no standby. */
  readonly isReadOnly: boolean
}

export const targets: readonly TargetSessionAttrs[] = [
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
]

/** @throws InvalidError */
export function checkTarget(target: unknown): void {
  if (targets.includes(target as TargetSessionAttrs)) return
  const got = typeof target === 'string' && /^[\w-]{0,40}$/.test(target) ? JSON.stringify(target) : typeof target
  throw new InvalidError(`targetSessionAttrs must be one of ${targets.join(', ')}; got ${got}`)
}

/** What a query for the role answers: where a server does not say it of itself (before 14; poolers). */
export const roleQuery =
  "select pg_catalog.pg_is_in_recovery() as standby, pg_catalog.current_setting('default_transaction_read_only') as read_only"

export function roleOfRow(row: { readonly standby?: unknown; readonly read_only?: unknown } = {}): Role {
  return { isStandby: row.standby === true || row.standby === 't', isReadOnly: row.read_only === 'on' }
}

/** What a server of version 14 or newer says when a session begins; undefined where it does not. */
export function reportedRole(reported: Readonly<Record<string, string>>): Role | undefined {
  const { in_hot_standby: standby, default_transaction_read_only: readOnly } = reported
  return standby === undefined || readOnly === undefined
    ? undefined
    : { isStandby: standby === 'on', isReadOnly: readOnly === 'on' }
}

/** Whether a server takes writes. */
export function isWritable({ isStandby, isReadOnly }: Role): boolean {
  return !isStandby && !isReadOnly
}

/** Whether whoever wants such a server wants to write to it. */
export function mayWrite(target: TargetSessionAttrs): boolean {
  return target === 'any' || target === 'read-write' || target === 'primary'
}

/** What speaks against a server; its code says what it is, in the words of an error that names all that were tried. */
export function misfitOf(role: Role, id: string, target: TargetSessionAttrs): Error | undefined {
  if (fits(role, target)) return undefined
  const is = role.isStandby ? 'a standby' : role.isReadOnly ? 'read-only' : 'a primary that takes writes'
  const code = role.isStandby ? 'IS_STANDBY' : role.isReadOnly ? 'IS_READ_ONLY' : 'IS_PRIMARY'
  const error = new Error(`${id} is ${is}, and target_session_attrs asks for ${target}`)
  return marked('next', Object.assign(error, { code }))
}

function fits(role: Role, target: TargetSessionAttrs): boolean {
  if (target === 'any') return true
  if (target === 'read-write') return isWritable(role)
  if (target === 'read-only') return !isWritable(role)
  return role.isStandby === (target !== 'primary')
}
