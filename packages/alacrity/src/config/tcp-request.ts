import { readOptionalCondition } from './condition.ts'
import { type Directives, group, type Reader } from './directive.ts'
import { refuse } from './errors.ts'
import type { TcpRule } from './model.ts'
import { isBackend, type ProxyDraft } from './proxy-draft.ts'
import { takeMs } from './units.ts'

type Stage = 'connection' | 'session' | 'content'

const KNOWN_ELSEWHERE: Readonly<Record<string, string>> = {
  'expect-proxy': "expected 'accept-proxy' on the bind line",
  'silent-drop': "expected 'reject'",
}

/** `accept` or `reject`, at once or if a condition holds. */
function rule(stage: Stage): Reader<ProxyDraft> {
  return (words, proxy, reading) => {
    checkPlace(stage, proxy)
    const action = words.take("'accept' or 'reject'")
    if (action !== 'accept' && action !== 'reject') refuseAction(action)
    const rules: TcpRule[] = proxy.settings[`${stage}Rules`]
    rules.push({ action, ...readOptionalCondition(words, proxy, reading) })
  }
}

function checkPlace(stage: Stage, { kind, name }: ProxyDraft): void {
  if (kind === 'defaults' && name === '') refuse('expected a defaults section with a name, or a proxy')
  if (kind === 'backend' && stage !== 'content') refuse("expected a frontend or listen section, or 'content'")
}

function refuseAction(action: string): never {
  if (/^(track-sc|sc-)/.test(action)) return refuse(`'${action}': there are no stick tables here, take it out`)
  const known = Object.hasOwn(KNOWN_ELSEWHERE, action) ? KNOWN_ELSEWHERE[action] : "expected 'accept' or 'reject'"
  return refuse(`'${action}' is not known here: ${known}`)
}

const tcpRequest: Directives<ProxyDraft> = {
  connection: rule('connection'),
  session: rule('session'),
  content: rule('content'),
  'inspect-delay': (words, _proxy, reading) => {
    takeMs(words)
    reading.warn(words, 'ignored: no rule here waits for what the client sends')
  },
}

export const readTcpRequest: Reader<ProxyDraft> = group(
  tcpRequest,
  "'connection', 'session', 'content' or 'inspect-delay'",
)

/** `use_backend <name> [if …]` */
export const readUseBackend: Reader<ProxyDraft> = (words, proxy, reading) => {
  const backend = words.take('the name of a backend')
  if (backend.includes('%[')) refuse(`'${backend}': expressions are not worked out: expected the name of a backend`)
  reading.refer(words, backend)
  proxy.useBackend.push({ backend, ...readOptionalCondition(words, proxy, reading) })
}

/** `use-server <name> if …` */
export const readUseServer: Reader<ProxyDraft> = (words, proxy, reading) => {
  const server = words.take('the name of a server')
  if (!isBackend(proxy)) refuse('expected a backend or listen section')
  reading.refer(words, proxy.name, server)
  proxy.useServer.push({ server, ...readOptionalCondition(words, proxy, reading) })
}
