/**
 * What a configuration says, once it has been read: HAProxy's words in types, every default filled in, every name
 * resolved. The reader (`read.ts`) is the only one who makes it; everything else only reads it.
 */

/** Where a word stands, for a message. */
export interface Place {
  readonly file: string
  /** From 1; 0 is the file as a whole. */
  readonly line: number
}

/** What the reader has to say of a line: an error refuses the whole configuration, a warning does not. */
export interface Problem extends Place {
  readonly severity: 'error' | 'warning'
  /** The directive it is about, such as `balance`. */
  readonly directive: string
  /** What is wrong, what was expected, and the nearest known word. */
  readonly message: string
}

export interface Configuration {
  readonly global: Global
  /** In the order of the file: `frontend`, `backend` and `listen` sections. `defaults` are filled in. */
  readonly proxies: readonly ProxyConfig[]
  readonly resolvers: readonly ResolversConfig[]
  readonly warnings: readonly Problem[]
}

export interface Global {
  /** `maxconn`: connections of all frontends together. Derived from the limit of open files where not set. */
  readonly maxconn?: number
  /** `nbthread`: data threads. Default: as many as there are processors, where the platform can share a port. */
  readonly nbthread?: number
  /** `hard-stop-after`: how long established connections may go on after a stop; not set: until they end. */
  readonly hardStopAfterMs?: number
  /** `grace`: how long `/health` fails before a stop closes the listeners. Default 0. */
  readonly graceMs: number
  /** `spread-checks`, 0–50 percent. Default 0. */
  readonly spreadChecks: number
  readonly logs: readonly LogTarget[]
  readonly statsSockets: readonly StatsSocket[]
  /** `stats timeout`, of the runtime socket. Default 10 s. */
  readonly statsTimeoutMs: number
  readonly node?: string
  readonly description?: string
}

/** `log <target> [len n] [format f] <facility> [level [minlevel]]` */
export interface LogTarget {
  readonly to:
    | { readonly kind: 'stdout' | 'stderr' }
    | { readonly kind: 'udp'; readonly host: string; readonly port: number }
  readonly format: 'raw' | 'short' | 'rfc3164' | 'rfc5424' | 'timed' | 'iso'
  readonly facility: string
  /** Syslog's number, 0 (emerg) to 7 (debug): what is less urgent is not sent. Default 7. */
  readonly maxLevel: number
  /** No line is longer, in bytes. Default 1024. */
  readonly length: number
}

/** `stats socket <path | host:port> [mode m] [level l]` */
export interface StatsSocket {
  readonly at: { readonly path: string } | { readonly host: string; readonly port: number }
  readonly mode?: number
  /** Default `operator`. */
  readonly level: 'user' | 'operator' | 'admin'
  readonly place: Place
}

export type ProxyKind = 'frontend' | 'backend' | 'listen'

/** A `frontend`, a `backend`, or a `listen`, which is both. */
export interface ProxyConfig {
  readonly kind: ProxyKind
  readonly name: string
  /**
   * `id`, what the CSV calls `iid`. Where not set they are given in the order of the file, as HAProxy does: from 1, or
   * from 2 if there is a `stats socket`.
   */
  readonly id: number
  readonly place: Place
  readonly mode: 'tcp' | 'http'
  /** `disabled`: known, and shown as STOP, but not bound and not checked. */
  readonly disabled: boolean
  readonly description?: string
  readonly timeouts: Timeouts
  readonly log: ProxyLog
  /** `option tcpka` is both. */
  readonly clitcpka: boolean
  readonly srvtcpka: boolean

  // What makes it a frontend.
  readonly binds: readonly BindConfig[]
  /** Section's `maxconn`. Not set: the global one. */
  readonly maxconn?: number
  /** `backlog`. */
  readonly backlog?: number
  readonly connectionRules: readonly TcpRule[]
  readonly contentRules: readonly TcpRule[]
  /** `use_backend`, first match first; a `listen` without a match uses itself. */
  readonly useBackend: readonly { readonly backend: string; readonly when?: Condition }[]
  readonly defaultBackend?: string

  // What makes it a backend.
  readonly balance: Balance
  /** `hash-type consistent`. Default `map-based`. */
  readonly hashType: 'map-based' | 'consistent'
  readonly servers: readonly ServerConfig[]
  readonly useServer: readonly { readonly server: string; readonly when?: Condition }[]
  /** `retries`. Default 3: attempts to connect after the first. */
  readonly retries: number
  /** `option redispatch [n]`: another server at the last retry (-1, its default), at every n-th (1, 2, …), or never. */
  readonly redispatch?: number
  /** `option allbackups`. */
  readonly allbackups: boolean
  readonly check: CheckMethod
  /** `option log-health-checks`. */
  readonly logHealthChecks: boolean

  // What a section of `mode http` is known for.
  readonly stats?: StatsConfig
  /** `monitor-uri`. */
  readonly monitorUri?: string
  /** `monitor fail if`. */
  readonly monitorFail?: Condition
  /** The paths of `http-request use-service prometheus-exporter if { path … }`. */
  readonly prometheusPaths: readonly string[]
}

/** In milliseconds; not set means none. */
export interface Timeouts {
  readonly connect?: number
  readonly client?: number
  readonly server?: number
  readonly tunnel?: number
  readonly clientFin?: number
  readonly serverFin?: number
  /** In the queue. Default: `connect`. */
  readonly queue?: number
  /** Of a check, once connected. Default: the server's `inter`. */
  readonly check?: number
}

export interface ProxyLog {
  /** Empty: nothing is logged. `log global` is the global ones. */
  readonly targets: readonly LogTarget[]
  /** `option tcplog`'s, `log-format`'s, or HAProxy's default line ("Connect from …"). */
  readonly format: { readonly kind: 'default' } | { readonly kind: 'format'; readonly text: string }
  /** `option dontlognull`. */
  readonly dontlognull: boolean
  /** `option dontlog-normal`. */
  readonly dontlogNormal: boolean
  readonly tag?: string
}

/** One address of a `bind` line (which may list several). */
export interface BindConfig {
  /** `*` is 0.0.0.0. */
  readonly at: { readonly host: string; readonly port: number } | { readonly path: string }
  readonly name?: string
  readonly acceptProxy: boolean
  /** With a host of `::`: take IPv4 too. */
  readonly v4v6: boolean
  readonly backlog?: number
  readonly maxconn?: number
  readonly place: Place
}

export type Balance =
  | { readonly algorithm: 'roundrobin' | 'static-rr' | 'leastconn' | 'source' | 'first' | 'failover' }
  /** `random(draws)`, default 2. */
  | { readonly algorithm: 'random'; readonly draws: number }

export interface ServerConfig {
  readonly name: string
  /** `id`, the CSV's `sid`; from 1 where not set. */
  readonly id: number
  readonly place: Place
  /** A name is resolved (`initAddr`, `resolvers`); a path is a UNIX socket. */
  readonly address: { readonly host: string; readonly port?: number } | { readonly path: string }
  /** A `+n`/`-n` port, or none: relative to the port the client came to. */
  readonly portOffset?: number
  /** Default 1, 0–256. 0 takes no new connections. */
  readonly weight: number
  readonly backup: boolean
  readonly disabled: boolean
  /** 0 (default): no limit. */
  readonly maxconn: number
  readonly minconn: number
  /** Of its own queue. 0 (default): no limit. */
  readonly maxqueue: number
  readonly slowstartMs: number
  readonly sendProxy?: 1 | 2
  /** `on-marked-down shutdown-sessions`. */
  readonly onMarkedDown?: 'shutdown-sessions'
  /** `on-marked-up shutdown-backup-sessions`. */
  readonly onMarkedUp?: 'shutdown-backup-sessions'
  /** `check`, and everything about it. Not set: not checked. */
  readonly check?: ServerCheck
  /** `observe layer4`, and what follows `error-limit` losses. */
  readonly observe?: {
    readonly errorLimit: number
    readonly onError: 'fastinter' | 'fail-check' | 'sudden-death' | 'mark-down'
  }
  /** `track backend/server`. */
  readonly track?: { readonly backend: string; readonly server: string }
  /** `resolvers <name>`. */
  readonly resolvers?: string
  readonly resolvePrefer?: 'ipv4' | 'ipv6'
  /** `init-addr`, in order: `last`, `libc`, `none`, or an address. Default `last,libc`. */
  readonly initAddr: readonly string[]
  /** One of a `server-template`: the n-th address of its name is its own. */
  readonly template?: { readonly index: number; readonly prefix: string }
}

export interface ServerCheck {
  /** Default 2000. */
  readonly interMs: number
  /** Default: `interMs`. */
  readonly fastinterMs: number
  readonly downinterMs: number
  /** Default 3. */
  readonly fall: number
  /** Default 2. */
  readonly rise: number
  /** `addr` and `port`, where they are not the server's. */
  readonly host?: string
  readonly port?: number
  /** `check-send-proxy`. */
  readonly sendProxy?: 1 | 2
  /** `check-ssl verify none`: TLS, for the check alone. */
  readonly tls: boolean
  readonly sni?: string
}

/** What a check says once it is connected. */
export type CheckMethod =
  | { readonly kind: 'connect' }
  | { readonly kind: 'tcp-check'; readonly steps: readonly TcpCheckStep[] }
  | HttpCheck
  | { readonly kind: 'mysql'; readonly user?: string; readonly version: 'pre-41' | 'post-41' }
  | { readonly kind: 'pgsql'; readonly user: string }
  | { readonly kind: 'redis' }
  | { readonly kind: 'smtp'; readonly hello: string }
  | { readonly kind: 'ldap' }

export interface HttpCheck {
  readonly kind: 'http'
  readonly method: string
  readonly uri: string
  /** As it is sent, `HTTP/1.0` by default. */
  readonly version: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: string
  /** None: any 2xx or 3xx. */
  readonly expect?: HttpExpect
  /** `http-check disable-on-404`: a 404 is NOLB, not DOWN. */
  readonly disableOn404: boolean
}

export type HttpExpect =
  | {
      readonly kind: 'status'
      readonly negate: boolean
      readonly ranges: readonly (readonly [from: number, to: number])[]
    }
  | { readonly kind: 'rstatus'; readonly negate: boolean; readonly pattern: RegExp }
  | { readonly kind: 'string'; readonly negate: boolean; readonly text: string }
  | { readonly kind: 'rstring'; readonly negate: boolean; readonly pattern: RegExp }

export type TcpCheckStep =
  | {
      readonly kind: 'connect'
      readonly port?: number
      readonly sendProxy: boolean
      readonly tls: boolean
      readonly comment?: string
    }
  | { readonly kind: 'send'; readonly data: Uint8Array; readonly comment?: string }
  | {
      readonly kind: 'expect'
      readonly negate: boolean
      readonly match:
        | { readonly kind: 'string'; readonly text: string }
        | { readonly kind: 'binary'; readonly data: Uint8Array }
        | { readonly kind: 'rstring'; readonly pattern: RegExp }
      readonly comment?: string
    }

/** `tcp-request connection|content accept|reject [if]` */
export interface TcpRule {
  readonly action: 'accept' | 'reject'
  readonly when?: Condition
}

/** One of `anyOf` holds, each of which is terms that all hold. ACL names are resolved; `unless` is turned around. */
export interface Condition {
  readonly negate: boolean
  readonly anyOf: readonly (readonly Term[])[]
}

export interface Term {
  readonly negate: boolean
  /** Several values: one of them is enough; one `acl` name declared several times: one of them is enough. */
  readonly anyOf: readonly Test[]
}

export type Test =
  | { readonly kind: 'always'; readonly value: boolean }
  | { readonly kind: 'src'; readonly networks: readonly Network[] }
  | { readonly kind: 'dst_port'; readonly ranges: readonly (readonly [from: number, to: number])[] }
  /** Servers of that backend that can take a connection. */
  | {
      readonly kind: 'nbsrv'
      readonly backend: string
      readonly compare: 'eq' | 'ge' | 'gt' | 'le' | 'lt'
      readonly value: number
    }
  | { readonly kind: 'srv_is_up'; readonly backend: string; readonly server: string }

/** An address block: `10.0.0.0/8`, `2001:db8::/32`. */
export interface Network {
  readonly family: 4 | 6
  /** 4 or 16 bytes. */
  readonly address: Uint8Array
  readonly prefix: number
}

export interface ResolversConfig {
  readonly name: string
  readonly place: Place
  readonly nameservers: readonly { readonly host: string; readonly port: number }[]
  /** `parse-resolv-conf`: those of the machine, too. */
  readonly parseResolvConf: boolean
  readonly retries: number
  readonly timeoutResolveMs: number
  readonly timeoutRetryMs: number
  /** How long an answer counts. Default 10 s. */
  readonly holdValidMs: number
  readonly holdObsoleteMs: number
}

/** What `stats …` says of the page. */
export interface StatsConfig {
  /** Default `/haproxy?stats`. */
  readonly uri: string
  readonly realm: string
  /** `user:password`, as many as were given. Empty: none is asked. */
  readonly auth: readonly { readonly user: string; readonly password: string }[]
  readonly refreshMs?: number
  /** `stats admin if …`. Not set: nobody. */
  readonly admin?: Condition
  readonly hideVersion: boolean
  readonly showLegends: boolean
  readonly showModules: boolean
  readonly showDesc?: string
  readonly showNode?: string
  /** `stats scope`: the sections it shows, `.` for its own. Not set: all. */
  readonly scope?: readonly string[]
}
