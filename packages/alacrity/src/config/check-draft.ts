import type { Mutable } from './global-draft.ts'
import type { CheckMethod, HttpCheck, ServerCheck, TcpCheckStep } from './model.ts'

/** What a section says of its checks, before it is known which kind they are. */
export interface CheckDraft {
  /** The last `option …` counts. `connect`: none was given. */
  method: Exclude<CheckMethod, { readonly kind: 'tcp-check' | 'http' }> | { readonly kind: 'tcp-check' | 'http' }
  steps: TcpCheckStep[]
  /** `tcp-check comment`: of all steps after it. */
  comment?: string
  http: Mutable<HttpCheck>
  /** `http-check send`: goes before what `option httpchk` says, whichever comes first. */
  send: Mutable<Partial<Pick<HttpCheck, 'method' | 'uri' | 'version' | 'headers' | 'body'>>>
  /** `http-check connect`: how it goes there, instead of what the servers say. */
  httpConnect: Mutable<Partial<Pick<ServerCheck, 'port' | 'tls' | 'sni' | 'sendProxy' | 'host'>>>
  /** The steps and `http-check` lines come from `defaults`: the first own one replaces them all. */
  isInherited: boolean
}

export function newCheck(): CheckDraft {
  return { method: { kind: 'connect' }, steps: [], http: newHttpCheck(), send: {}, httpConnect: {}, isInherited: false }
}

function newHttpCheck(): Mutable<HttpCheck> {
  return { kind: 'http', method: 'OPTIONS', uri: '/', version: 'HTTP/1.0', headers: [], disableOn404: false }
}

/** Called before an own line adds a rule. `disable-on-404` is no rule: it stays. */
export function ownRules(check: CheckDraft): void {
  if (!check.isInherited) return
  const { disableOn404 } = check.http
  check.steps = []
  delete check.comment
  check.http = { ...newHttpCheck(), disableOn404 }
  check.send = {}
  check.httpConnect = {}
  check.isInherited = false
}

export function checkMethod({ method, steps, http, send }: CheckDraft): CheckMethod {
  if (method.kind === 'http') return { ...http, ...send }
  return method.kind === 'tcp-check' ? { kind: 'tcp-check', steps } : (method as CheckMethod)
}
