import type { Condition, TcpRule } from '../../config/model.ts'
import type { Backend } from '../backend.ts'
import { counted } from '../cells.ts'
import { type Facts, holds } from '../holds.ts'
import type { Server } from '../server.ts'
import type { Ending, Session } from './session.ts'

/** Where a session goes: to a backend, or to its end. */
export function route(session: Session): Backend | Ending {
  const { frontend, plane } = session
  const { contentRules, useBackend, defaultBackend, kind, name } = frontend.config
  if (contentRules.length > 0 && !isAccepted(contentRules, new SessionFacts(session))) {
    frontend.numbers.add(counted.dreq, 1)
    return 'PR'
  }
  const used = useBackend.length > 0 ? firstThatHolds(useBackend, session)?.backend : undefined
  return plane.backends.get(used ?? defaultBackend ?? (kind === 'listen' ? name : '')) ?? 'SC'
}

/** The server that `use-server` says, if it says one that is up. */
export function serverByRule(session: Session, backend: Backend): Server | undefined {
  const { useServer } = backend.config
  if (useServer.length === 0) return undefined
  const server = backend.server(firstThatHolds(useServer, session)?.server ?? '')
  return server?.isUp ? server : undefined
}

/** Accepted unless a rule rejects; the first rule that matches decides. */
export function isAccepted(rules: readonly TcpRule[], facts: Facts): boolean {
  return rules.find(({ when }) => holds(when, facts))?.action !== 'reject'
}

function firstThatHolds<Rule extends { readonly when?: Condition }>(
  rules: readonly Rule[],
  session: Session,
): Rule | undefined {
  const facts = new SessionFacts(session)
  return rules.find(({ when }) => holds(when, facts))
}

/** What rules ask of a session. Looked up when it is asked: the addresses of a socket cost a system call. */
class SessionFacts implements Facts {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  get address(): string {
    return this.#session.clientAddress
  }

  get port(): number {
    const { ends, client } = this.#session
    return ends?.destination.port ?? client.localPort ?? 0
  }

  usableServers(backend: string): number {
    return this.#session.plane.usableServers(backend)
  }

  isUp(backend: string, server: string): boolean {
    return this.#session.plane.isUp(backend, server)
  }
}
