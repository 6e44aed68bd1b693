import type { Acl } from './acl.ts'
import { type CheckDraft, newCheck } from './check-draft.ts'
import type { Mutable } from './global-draft.ts'
import type {
  Balance,
  BindConfig,
  Condition,
  LogTarget,
  Place,
  ProxyConfig,
  ProxyKind,
  StatsConfig,
  TcpRule,
  Timeouts,
} from './model.ts'
import { newServerSettings, type ServerDraft, type ServerSettings } from './server-draft.ts'

/** What a `defaults` section may say, and the sections after it inherit. */
export interface Settings {
  mode: 'tcp' | 'http'
  disabled: boolean
  readonly timeouts: Mutable<Timeouts>
  readonly log: LogDraft
  clitcpka: boolean
  srvtcpka: boolean
  maxconn?: number
  backlog?: number
  defaultBackend?: string
  balance: Balance
  hashType: ProxyConfig['hashType']
  retries: number
  redispatch?: number
  allbackups: boolean
  readonly check: CheckDraft
  logHealthChecks: boolean
  stats?: Mutable<StatsConfig>
  monitorUri?: string
  readonly defaultServer: ServerSettings
  /** By name: one name may be declared several times. Of a `defaults` with a name only; so are the rules. */
  readonly acls: Record<string, Acl>
  readonly connectionRules: TcpRule[]
  readonly sessionRules: TcpRule[]
  readonly contentRules: TcpRule[]
}

export interface LogDraft {
  /** `global` stands for the targets of the `global` section. */
  targets: (LogTarget | 'global')[]
  format?: 'tcplog' | 'httplog' | { readonly text: string }
  dontlognull: boolean
  dontlogNormal: boolean
  tag?: string
}

/** A section while it is read: a proxy, or the `defaults` of some. */
export interface ProxyDraft {
  readonly kind: ProxyKind | 'defaults'
  /** Of a `defaults` section it may be ''. */
  readonly name: string
  readonly place: Place
  readonly settings: Settings
  id?: number
  description?: string
  readonly binds: BindConfig[]
  readonly servers: ServerDraft[]
  readonly useBackend: { backend: string; when?: Condition }[]
  readonly useServer: { server: string; when?: Condition }[]
  /** The last `monitor fail` counts, and `defaults` know none. */
  monitorFail?: Condition
  readonly prometheusPaths: string[]
  /** Has it `stats` or `monitor-uri` lines of its own? */
  ownPage: boolean
}

/** A section with what its `defaults` say, of which it gets a copy. */
export function newProxy(
  kind: ProxyDraft['kind'],
  name: string,
  place: Place,
  from: ProxyDraft | undefined,
): ProxyDraft {
  const settings = from === undefined ? newSettings() : structuredClone(from.settings)
  settings.check.isInherited = true
  return {
    kind,
    name,
    place,
    settings,
    binds: [],
    servers: [],
    useBackend: [],
    useServer: [],
    prometheusPaths: [],
    ownPage: false,
  }
}

function newSettings(): Settings {
  return {
    mode: 'tcp',
    disabled: false,
    timeouts: {},
    log: { targets: [], dontlognull: false, dontlogNormal: false },
    clitcpka: false,
    srvtcpka: false,
    balance: { algorithm: 'roundrobin' },
    hashType: 'map-based',
    retries: 3,
    allbackups: false,
    check: newCheck(),
    logHealthChecks: false,
    defaultServer: newServerSettings(),
    acls: {},
    connectionRules: [],
    sessionRules: [],
    contentRules: [],
  }
}

export function isFrontend({ kind }: ProxyDraft): boolean {
  return kind === 'frontend' || kind === 'listen'
}

export function isBackend({ kind }: ProxyDraft): boolean {
  return kind === 'backend' || kind === 'listen'
}
