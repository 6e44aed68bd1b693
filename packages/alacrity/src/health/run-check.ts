import { connectPlan } from './connect.ts'
import type { CheckOptions, RunCheck } from './contract.ts'
import { httpPlan } from './http.ts'
import { ldapPlan } from './ldap.ts'
import { mysqlPlan } from './mysql.ts'
import { pgsqlPlan } from './pgsql.ts'
import { redisPlan } from './redis.ts'
import { runPlan } from './run-plan.ts'
import { smtpPlan } from './smtp.ts'
import type { Plan } from './steps.ts'
import { tcpCheckPlan } from './tcp-check.ts'

/**
 * Looks once whether a server is well, as its method says. Never rejects. While it looks it keeps the process alive:
 * for as long as its time-outs say, or until `signal` is aborted, which gives the status `UNK`.
 */
export const runCheck: RunCheck = async (options) => await runPlan(planOf(options), options)

function planOf({ method, check, isUp = true }: CheckOptions): Plan {
  switch (method.kind) {
    case 'connect':
      return connectPlan(check)
    case 'tcp-check':
      return tcpCheckPlan(method, check)
    case 'http':
      return httpPlan(method, check, isUp)
    case 'mysql':
      return mysqlPlan(method, check)
    case 'pgsql':
      return pgsqlPlan(method.user, check)
    case 'redis':
      return redisPlan(check)
    case 'smtp':
      return smtpPlan(method.hello, check)
    case 'ldap':
      return ldapPlan(check)
  }
}
