import type { BindConfig, Configuration } from '../config/model.ts'
import type { ListenerPlan, ListenFailure, Plan } from '../engine/plan.ts'
import { bindFailed, firstTaken, freePath, keyOfBind } from './bind-errors.ts'
import type { Gate, GateKeeper } from './gates.ts'
import type { Staged } from './staging.ts'
import type { ThreadPool } from './thread-pool.ts'

/** Where the data threads listen. */
export interface DataGate extends Gate {
  readonly bind: BindConfig
  readonly backlog: number
  readonly frontend: string
}

/** A section of `mode http` is served by the control thread. */
export function dataGatesOf({ proxies }: Configuration, isShared: boolean): DataGate[] {
  return proxies
    .filter(({ mode, disabled }) => mode === 'tcp' && !disabled)
    .flatMap(({ binds, name: frontend, backlog = 4_096 }) =>
      binds.map((bind) => ({
        key: keyOfBind(bind),
        at: bind.at,
        isShared,
        bind,
        backlog: bind.backlog ?? backlog,
        frontend,
      })),
    )
}

export interface DataGatesOptions {
  readonly pool: ThreadPool
  /** The process' own. */
  readonly cells: SharedArrayBuffer
  /** What runs now. */
  readonly running: () => readonly Staged[]
}

/** The gates of the data threads: opened and closed by plans, as everything there is. */
export class DataGates implements GateKeeper<DataGate> {
  readonly #options: DataGatesOptions
  #open: readonly DataGate[] = []
  /** Those of the configuration that runs. Who comes to another has to wait. */
  #inUse: readonly DataGate[] = []

  constructor(options: DataGatesOptions) {
    this.#options = options
  }

  get gates(): readonly DataGate[] {
    return this.#open
  }

  async have(gates: readonly DataGate[]): Promise<void> {
    const known = new Set(this.#open.map(({ key }) => key))
    const ours = this.#open.map(({ at }) => at)
    const coming = gates.filter(({ key }) => !known.has(key))
    const shared = coming.filter(({ isShared }) => isShared).map(({ bind }) => bind)
    const taken = shared.length > 0 && firstTaken(shared, ours)
    if (taken) throw new Error(bindFailed(taken, { code: 'EADDRINUSE', message: '' }))
    for (const { bind } of coming) await freePath(bind)
    this.#open = gates
    const [failure] = await this.#options.pool.apply(this.#plan())
    if (failure) throw new Error(this.whyNot(failure))
  }

  /** What runs now uses these: whoever waits at what is new is let in. Returns what went wrong. */
  async use(gates: readonly DataGate[]): Promise<string[]> {
    this.#open = gates
    this.#inUse = gates
    return (await this.#options.pool.apply(this.#plan())).map((failure) => this.whyNot(failure))
  }

  /** Why a data thread cannot listen. */
  whyNot(failure: ListenFailure): string {
    const gate = this.#open.find(({ key }) => key === failure.key)
    return gate ? bindFailed(gate.bind, failure) : failure.message
  }

  #plan(): Plan {
    const { cells, running } = this.#options
    const staged = running()
    const paused = new Set(staged.filter(({ proxy }) => !proxy.isEnabled).map(({ config }) => config.name))
    const inUse = new Set(this.#inUse)
    const listeners = this.#open.map((gate): ListenerPlan => {
      const { key, bind, backlog, frontend } = gate
      const state = !inUse.has(gate) ? 'held' : paused.has(frontend) ? 'closed' : 'open'
      return { key, bind, backlog, frontend, state }
    })
    return {
      process: cells,
      proxies: staged.map(({ config, proxy, servers }) => proxy.plan(config, servers, config.servers)),
      listeners,
    }
  }
}
