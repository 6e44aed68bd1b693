import type { ProxyConfig, ServerConfig } from '../config/model.ts'
import { cellsFor, shared, usable } from '../engine/cells.ts'
import type { ServerAddress } from '../engine/plan.ts'
import type { Health } from '../health/contract.ts'
import type { HealthCounts, HealthEvent } from '../health/event.ts'
import { Checking } from './checking.ts'
import { Downtime } from './downtime.ts'
import { nextSerial } from './serial.ts'
import { Sums } from './sums.ts'

/** What a change of a server means for others. */
export interface ServerEvents {
  /** It can be picked now. */
  cameUp(server: LiveServer): void
  /** Its limit or its weight is another one: who waits may try. */
  mayTakeMore(server: LiveServer): void
  /** It cannot be picked any more. `wasLost`: its checks say so, not an operator. */
  wentOut(server: LiveServer, wasLost: boolean): void
  /** A weight or a state is another one: who computed with it computes again. */
  changed(server: LiveServer): void
  /** Its checks say something new. */
  said(server: LiveServer, event: HealthEvent): void
  /** `spread-checks`. */
  readonly spreadPercent: number
}

/** Who said that a server is in maintenance. */
interface Maintenance {
  operator: boolean
  configuration: boolean
  resolution: boolean
}

/**
 * A server as the control thread has it: what the configuration, an operator, its checks and its name's address say of
 * it. What follows from all that is written into its cells, where the data threads read it when they pick.
 */
export class LiveServer {
  config: ServerConfig
  readonly serial: number = nextSerial()
  readonly sums: Sums
  readonly backend: string
  readonly maintenance: Maintenance
  isDrained = false
  /** `track`: the one whose checks and maintenance are its own too. */
  tracked: LiveServer | undefined
  /** As an operator set it; the configuration's otherwise. */
  weight: number
  maxconn: number
  address: ServerAddress | undefined
  /** When its status changed last. */
  changedAt: number = Date.now()
  /** In maintenance is down too. */
  readonly downtime: Downtime = new Downtime()
  #upSince = 0
  #wasUsable: boolean
  #wasUp: boolean
  readonly #checking: Checking
  #proxy: ProxyConfig
  readonly #events: ServerEvents

  constructor(
    config: ServerConfig,
    proxy: ProxyConfig,
    threads: number,
    address: ServerAddress | undefined,
    events: ServerEvents,
  ) {
    this.config = config
    this.backend = proxy.name
    this.sums = new Sums(cellsFor(threads))
    this.weight = config.weight
    this.maxconn = config.maxconn
    this.address = address
    this.maintenance = { operator: false, configuration: config.disabled, resolution: address === undefined }
    this.#proxy = proxy
    this.#events = events
    this.#checking = new Checking({ target: () => this.address, onChange: (event) => this.#checked(event) })
    this.#checking.configure(config, proxy, events.spreadPercent)
    this.#wasUsable = this.isUsable
    this.#wasUp = this.isUp
    if (!this.#wasUp) this.downtime.begin(false)
    this.#publish()
  }

  get name(): string {
    return this.config.name
  }

  get health(): Health | undefined {
    return this.#checking.health ?? this.tracked?.health
  }

  get counts(): HealthCounts | undefined {
    return this.#checking.counts
  }

  get isBeingChecked(): boolean {
    return this.#checking.isAsking
  }

  get isInMaintenance(): boolean {
    const { operator, configuration, resolution } = this.maintenance
    return operator || configuration || resolution || (this.tracked?.isInMaintenance ?? false)
  }

  get isUp(): boolean {
    return !this.isInMaintenance && this.health?.status !== 'down'
  }

  /** May it be given new connections? */
  get isUsable(): boolean {
    return this.isUp && !this.isDrained && this.health?.status !== 'nolb'
  }

  /** How far its slow start has come, 0 to 1. */
  get warmth(): number {
    const { slowstartMs } = this.config
    if (slowstartMs === 0 || this.#upSince === 0) return 1
    return Math.min(1, Math.max(0.01, (Date.now() - this.#upSince) / slowstartMs))
  }

  /** Begins to check it, if it is to be checked now. */
  start(delayMs = 0): void {
    const { configuration, operator } = this.maintenance
    if (configuration || operator || this.#proxy.disabled) this.stop()
    else this.#checking.start(delayMs)
  }

  stop(): void {
    this.#checking.stop()
  }

  /** Another configuration for it. What an operator has set holds unless the configuration has changed there. */
  update(config: ServerConfig, proxy: ProxyConfig): void {
    const before = this.config
    this.config = config
    this.#proxy = proxy
    this.#checking.configure(config, proxy, this.#events.spreadPercent)
    if (config.weight !== before.weight) this.weight = config.weight
    if (config.maxconn !== before.maxconn) this.maxconn = config.maxconn
    if (config.disabled !== before.disabled) this.maintenance.configuration = config.disabled
    this.#changed(false)
  }

  /** Whom it tracks has changed. */
  review(): void {
    this.#changed(true)
  }

  setState(state: 'ready' | 'drain' | 'maint'): void {
    // Out of maintenance it has to prove itself again.
    if (this.isInMaintenance && state !== 'maint') this.#checking.reset()
    this.maintenance.operator = state === 'maint'
    if (state !== 'maint') this.maintenance.configuration = false
    this.isDrained = state === 'drain'
    this.start()
    this.#changed(false)
  }

  /** `enable health`, `disable health`. */
  setChecks(enabled: boolean): void {
    this.#checking.switch(enabled)
    this.start()
  }

  setWeight(weight: number): void {
    this.weight = weight
    this.#publish()
    this.#events.changed(this)
    this.#events.mayTakeMore(this)
  }

  setMaxconn(maxconn: number): void {
    this.maxconn = maxconn
    this.#publish()
    this.#events.mayTakeMore(this)
  }

  /** Its name has another address, or none. */
  setAddress(address: ServerAddress | undefined): void {
    this.address = address
    this.maintenance.resolution = address === undefined
    this.#changed(true)
  }

  setHealth(health: 'up' | 'stopping' | 'down'): void {
    this.#checking.force(health)
  }

  /** How a dial for a client went: something for `observe`, and a failure for the next check. */
  dialled(failed: boolean): void {
    this.#checking.observe(failed)
  }

  /** Once a second: what changes by itself. */
  tick(): void {
    this.sums.sample()
    if (this.#upSince === 0) return
    this.#publish()
    this.#events.changed(this)
    this.#events.mayTakeMore(this)
    if (this.warmth === 1) this.#upSince = 0
  }

  #checked(event: HealthEvent): void {
    if (event.changed || (event.isNews && this.#proxy.logHealthChecks)) this.#events.said(this, event)
    if (event.changed) this.#changed(true)
  }

  /** Something that its state follows from is another: tells those who want to know what became of it. */
  #changed(wasLost: boolean): void {
    const { isUsable, isUp } = this
    this.#publish()
    if (isUp === this.#wasUp && isUsable === this.#wasUsable) return
    this.changedAt = Date.now()
    if (isUp && !this.#wasUp) this.#rose()
    if (!isUp && this.#wasUp) this.downtime.begin(true)
    const hadBeenUsable = this.#wasUsable
    this.#wasUsable = isUsable
    this.#wasUp = isUp
    this.#publish()
    this.#events.changed(this)
    if (isUsable && !hadBeenUsable) this.#events.cameUp(this)
    if (!isUsable && hadBeenUsable) this.#events.wentOut(this, wasLost && !isUp)
  }

  #rose(): void {
    this.downtime.end()
    this.#upSince = this.config.slowstartMs > 0 ? Date.now() : 0
  }

  #publish(): void {
    const cells = this.sums.shared
    const { warmth } = this
    Atomics.store(cells, shared.weight, this.weight === 0 ? 0 : Math.max(1, Math.round(this.weight * 256 * warmth)))
    Atomics.store(cells, shared.maxconn, this.maxconn === 0 ? 0 : Math.max(1, Math.floor(this.maxconn * warmth)))
    Atomics.store(cells, shared.usable, this.isUsable ? usable.yes : this.isUp ? usable.byName : usable.no)
  }
}
