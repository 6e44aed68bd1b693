import { describe, expect, it } from 'vitest'
import { isWritable, mayWrite, misfitOf, type Role, reportedRole, roleOfRow, targets } from './role.ts'
import { dialVerdict } from './verdict.ts'

const roles: Record<string, Role> = {
  primary: { isStandby: false, isReadOnly: false },
  'read-only primary': { isStandby: false, isReadOnly: true },
  standby: { isStandby: true, isReadOnly: false },
  'read-only standby': { isStandby: true, isReadOnly: true },
}

// libpq's table: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-TARGET-SESSION-ATTRS
const fitting: Record<(typeof targets)[number], readonly string[]> = {
  any: Object.keys(roles),
  'read-write': ['primary'],
  'read-only': ['read-only primary', 'standby', 'read-only standby'],
  primary: ['primary', 'read-only primary'],
  standby: ['standby', 'read-only standby'],
  // In its first round; in the second it is any.
  'prefer-standby': ['standby', 'read-only standby'],
}

describe.each(targets)('%s', (target) => {
  it.each(Object.entries(roles))('%s', (name, role) => {
    const misfit = misfitOf(role, 'a:5432', target)
    expect(misfit === undefined).toBe(fitting[target].includes(name))
    // Another server may be what is wanted.
    if (misfit) expect(dialVerdict(misfit)).toBe('next')
  })
})

it.each<[string, string, string]>([
  ['primary', 'IS_PRIMARY', 'a:5432 is a primary that takes writes, and target_session_attrs asks for standby'],
  ['read-only primary', 'IS_READ_ONLY', 'a:5432 is read-only, and target_session_attrs asks for standby'],
])('a %s says what it is: %s', (name, code, message) => {
  expect(misfitOf(roles[name] as Role, 'a:5432', 'standby')).toMatchObject({ code, message })
})

it('a standby says what it is', () => {
  const message = 'a:5432 is a standby, and target_session_attrs asks for read-write'
  expect(misfitOf(roles.standby as Role, 'a:5432', 'read-write')).toMatchObject({ code: 'IS_STANDBY', message })
})

it('what a server reports when a session begins, or does not, before version 14', () => {
  const said = (standby: string, readOnly: string) =>
    reportedRole({ in_hot_standby: standby, default_transaction_read_only: readOnly, server_version: '16' })
  expect(said('on', 'off')).toEqual(roles.standby)
  expect(said('off', 'on')).toEqual(roles['read-only primary'])
  expect(said('off', 'off')).toEqual(roles.primary)
  for (const silent of [{}, { in_hot_standby: 'on' }, { default_transaction_read_only: 'off' }]) {
    expect(reportedRole(silent)).toBeUndefined()
  }
})

it('what a query answers, as a boolean or, where its types are not parsed, as text', () => {
  expect(roleOfRow({ standby: true, read_only: 'off' })).toEqual(roles.standby)
  expect(roleOfRow({ standby: 't', read_only: 'on' })).toEqual(roles['read-only standby'])
  expect(roleOfRow({ standby: 'f', read_only: 'on' })).toEqual(roles['read-only primary'])
  expect(roleOfRow({ standby: false, read_only: 'off' })).toEqual(roles.primary)
})

it('who may write, and who wants to', () => {
  expect(Object.values(roles).map(isWritable)).toEqual([true, false, false, false])
  expect(targets.filter(mayWrite)).toEqual(['any', 'read-write', 'primary'])
})
