import type { BindConfig, LogTarget, ProxyConfig, ServerConfig } from '../config/model.ts'

/** What a data thread is to do, whole: every reload sends a new one, and the threads change what is different. */
export interface Plan {
  /** The process' own cells: connections of all frontends, and their limit. */
  readonly process: SharedArrayBuffer
  readonly proxies: readonly ProxyPlan[]
  readonly listeners: readonly ListenerPlan[]
}

export interface ProxyPlan {
  /** Its own as long as it lives: cells that come by message are never the same object. */
  readonly serial: number
  readonly config: ProxyConfig
  /** As a frontend. */
  readonly frontend?: SharedArrayBuffer
  /** As a backend. */
  readonly backend?: SharedArrayBuffer
  readonly servers: readonly ServerPlan[]
}

export interface ServerPlan {
  /** As a proxy has one. */
  readonly serial: number
  readonly config: ServerConfig
  readonly cells: SharedArrayBuffer
  /** Not set while its name is not resolved. */
  readonly address?: ServerAddress
}

export type ServerAddress = { readonly host: string; readonly port: number } | { readonly path: string }

export interface ListenerPlan {
  /** What makes it the same listener after a reload: its address. */
  readonly key: string
  readonly bind: BindConfig
  readonly backlog: number
  readonly frontend: string
  /** `held`: it listens, but who comes has to wait until it is open. `closed`: it does not listen, for now. */
  readonly state: 'open' | 'held' | 'closed'
}

/** To a data thread. */
export type Order =
  | { readonly type: 'apply'; readonly plan: Plan; readonly version: number }
  /** A server's address has changed. */
  | { readonly type: 'address'; readonly backend: string; readonly server: string; readonly address?: ServerAddress }
  /** End the sessions on a server; on its backup servers, for `shutdown-backup-sessions`. */
  | {
      readonly type: 'shut'
      readonly backend: string
      readonly server: string
      readonly ending: 'KD' | 'DD' | 'UD'
      readonly request: number
    }
  /** Whoever waits under this number may try to get a server now. */
  | { readonly type: 'turn'; readonly backend: string; readonly waiting: number; readonly server?: string }
  /** A frontend has room again for what is parked. */
  | { readonly type: 'room'; readonly frontend: string }
  /** A server is out: who stays with it (`balance failover`) leaves it. */
  | { readonly type: 'out'; readonly backend: string; readonly server: string }
  /** No new connections; the thread says `ended` when the last one has ended. */
  | { readonly type: 'stop' }
  /** Cuts what is left. */
  | { readonly type: 'cut' }
  /** The thread is about to be ended: everything is closed, and Node has had its turn to do so. */
  | { readonly type: 'leave'; readonly request: number }

/** From a data thread. */
export type Report =
  | { readonly type: 'ready' }
  | { readonly type: 'applied'; readonly version: number; readonly failed: readonly ListenFailure[] }
  | { readonly type: 'done'; readonly request: number; readonly count: number }
  /** Waits for a server of this backend, or for this one server. */
  | { readonly type: 'wait'; readonly backend: string; readonly waiting: number; readonly server?: string }
  /** Has got a place of this server; or has given up. */
  | { readonly type: 'gone'; readonly backend: string; readonly waiting: number; readonly server?: string }
  /** Had its turn, and found no place. */
  | { readonly type: 'full'; readonly backend: string; readonly waiting: number; readonly server?: string }
  /** A session has ended while others wait. */
  | { readonly type: 'released'; readonly backend: string; readonly server: string }
  | { readonly type: 'room'; readonly frontend: string }
  /** A dial has failed or succeeded, as far as somebody wants to know (`observe layer4`, `fastinter`). */
  | { readonly type: 'dial'; readonly backend: string; readonly server: string; readonly failed: boolean }
  /** Where to is said too: its frontend may be gone already. */
  | {
      readonly type: 'log'
      readonly targets: readonly LogTarget[]
      readonly tag: string | undefined
      readonly lines: readonly string[]
    }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'ended' }

export interface ListenFailure {
  readonly key: string
  readonly code: string
  readonly message: string
}

/** What a thread is told at its birth. */
export interface ThreadData {
  /** From 0. */
  readonly thread: number
  readonly threads: number
  /** Share ports with the other threads. */
  readonly reusePort: boolean
}
