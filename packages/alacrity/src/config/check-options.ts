import { ownRules } from './check-draft.ts'
import type { Directives, Reader } from './directive.ts'
import { refuse } from './errors.ts'
import { readHttpchk } from './http-check.ts'
import type { ProxyDraft } from './proxy-draft.ts'
import { takeOneOf } from './units.ts'

const readTcpCheckOption: Reader<ProxyDraft> = (_words, { settings: { check } }) => {
  check.method = { kind: 'tcp-check' }
}

const readMysqlCheck: Reader<ProxyDraft> = (words, { settings: { check } }) => {
  if (words.isAtEnd) {
    check.method = { kind: 'mysql', version: 'post-41' }
    return
  }
  takeOneOf(words, ['user'])
  const user = words.take('the name of a user who needs no password')
  const version = words.isAtEnd ? 'post-41' : takeOneOf(words, ['post-41', 'pre-41'])
  check.method = { kind: 'mysql', user, version }
}

const readPgsqlCheck: Reader<ProxyDraft> = (words, { settings: { check } }) => {
  takeOneOf(words, ['user'])
  check.method = { kind: 'pgsql', user: words.take('the name of a user') }
}

/** `option smtpchk [HELO|EHLO domain]`. Anything but the two is `HELO localhost`, as in HAProxy. */
const readSmtpchk: Reader<ProxyDraft> = (words, { settings: { check } }) => {
  const [greeting = 'HELO', domain, ...more] = words.rest()
  if (more.length > 0) refuse(`unexpected '${more[0]}': expected 'HELO' or 'EHLO', and a domain`)
  const isKnown = domain !== undefined && ['HELO', 'EHLO'].includes(greeting)
  check.method = { kind: 'smtp', hello: isKnown ? `${greeting} ${domain}` : 'HELO localhost' }
}

/** The options that say which check there is: the last one counts. */
export const checkOptions: Directives<ProxyDraft> = {
  'tcp-check': readTcpCheckOption,
  httpchk: (words, proxy, reading) => {
    ownRules(proxy.settings.check)
    readHttpchk(words, proxy, reading)
  },
  'mysql-check': readMysqlCheck,
  'pgsql-check': readPgsqlCheck,
  smtpchk: readSmtpchk,
  'redis-check': (_words, { settings: { check } }) => {
    check.method = { kind: 'redis' }
  },
  'ldap-check': (_words, { settings: { check } }) => {
    check.method = { kind: 'ldap' }
  },
}
