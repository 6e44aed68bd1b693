import type { ProxyConfig, ServerConfig } from '../config/model.ts'
import type { ServerAddress } from '../engine/plan.ts'
import type { Health } from '../health/contract.ts'
import type { HealthCounts, HealthEvent } from '../health/event.ts'
import { HealthWatch, type WatchSettings } from '../health/watch.ts'

export interface CheckingOptions {
  /** The server's address as of now. */
  readonly target: () => ServerAddress | undefined
  readonly onChange: (event: HealthEvent) => void
}

/** How one server is checked, if it is: as its configuration says, unless an operator says otherwise. */
export class Checking {
  readonly #options: CheckingOptions
  #watch: HealthWatch | undefined
  /** By `disable health`. */
  #isOff = false

  constructor(options: CheckingOptions) {
    this.#options = options
  }

  get health(): Health | undefined {
    return this.#watch?.health
  }

  get counts(): HealthCounts | undefined {
    return this.#watch?.counts
  }

  /** A check is under way. */
  get isAsking(): boolean {
    return this.#watch?.isChecking ?? false
  }

  /** It is checked as its configuration says, from now on; what is known of it stays. */
  configure(server: ServerConfig, proxy: ProxyConfig, spreadPercent: number): void {
    const settings = settingsOf(server, proxy, spreadPercent)
    if (!settings) {
      this.stop()
      this.#watch = undefined
    } else if (this.#watch) this.#watch.update(settings)
    else this.#watch = new HealthWatch({ ...settings, ...this.#options })
  }

  start(delayMs: number): void {
    if (!this.#isOff) this.#watch?.start(delayMs)
  }

  stop(): void {
    this.#watch?.stop()
  }

  /** Until it is switched on again no check is started. */
  switch(isOn: boolean): void {
    this.#isOff = !isOn
    if (this.#isOff) this.stop()
  }

  /** As at the beginning. */
  reset(): void {
    this.#watch?.reset()
  }

  force(health: 'up' | 'stopping' | 'down'): void {
    this.#watch?.force(health)
  }

  observe(isLoss: boolean): void {
    this.#watch?.observe(isLoss)
  }
}

function settingsOf(
  { check, observe }: ServerConfig,
  { check: method, timeouts: { connect: connectMs, check: checkMs } }: ProxyConfig,
  spreadPercent: number,
): WatchSettings | undefined {
  if (!check) return undefined
  const timeouts = { ...(connectMs !== undefined && { connectMs }), ...(checkMs !== undefined && { checkMs }) }
  return { check, method, timeouts, spreadPercent, ...(observe && { observe }) }
}
