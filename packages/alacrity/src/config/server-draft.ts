import type { Mutable } from './global-draft.ts'
import type { Place, ServerCheck, ServerConfig } from './model.ts'

type Taken =
  | 'weight'
  | 'backup'
  | 'disabled'
  | 'maxconn'
  | 'minconn'
  | 'maxqueue'
  | 'slowstartMs'
  | 'sendProxy'
  | 'onMarkedDown'
  | 'onMarkedUp'
  | 'resolvers'
  | 'resolvePrefer'
  | 'initAddr'
  | 'track'

/** What the words of a `server` line say, on top of those of `default-server`. */
export interface ServerSettings {
  readonly config: Mutable<Pick<ServerConfig, Taken>>
  checked: boolean
  /** `checkSendProxy` also where the check goes elsewhere. */
  checkSendProxy: boolean
  readonly check: Mutable<Partial<Omit<ServerCheck, 'sendProxy'>>>
  observed: boolean
  readonly observe: Mutable<NonNullable<ServerConfig['observe']>>
  id?: number
}

export interface ServerDraft {
  readonly name: string
  readonly place: Place
  readonly address: ServerConfig['address']
  readonly portOffset?: number
  readonly settings: ServerSettings
  readonly template?: NonNullable<ServerConfig['template']>
}

export function newServerSettings(): ServerSettings {
  return {
    config: {
      weight: 1,
      backup: false,
      disabled: false,
      maxconn: 0,
      minconn: 0,
      maxqueue: 0,
      slowstartMs: 0,
      initAddr: ['last', 'libc'],
    },
    checked: false,
    checkSendProxy: false,
    check: {},
    observed: false,
    observe: { errorLimit: 10, onError: 'fail-check' },
  }
}
