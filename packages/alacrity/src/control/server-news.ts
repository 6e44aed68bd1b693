import type { HealthEvent } from '../health/event.ts'
import type { Fleet } from './fleet.ts'
import { logHealth } from './health-log.ts'
import type { LiveServer, ServerEvents } from './live-server.ts'

/** What follows from a change of a server, for the data threads, for those who wait, and for the log. */
export class ServerNews implements ServerEvents {
  readonly #fleet: Fleet

  constructor(fleet: Fleet) {
    this.#fleet = fleet
  }

  get spreadPercent(): number {
    return this.#fleet.configuration.global.spreadChecks
  }

  cameUp(server: LiveServer): void {
    this.mayTakeMore(server)
    const { onMarkedUp, backup } = server.config
    if (onMarkedUp && !backup && server.weight > 0) this.#shutBackups(server)
  }

  mayTakeMore({ backend }: LiveServer): void {
    this.#fleet.queues.everybody(backend)
  }

  wentOut(server: LiveServer, wasLost: boolean): void {
    const { backend, name } = server
    this.#fleet.pool.tellAll({ type: 'out', backend, server: name })
    if (wasLost && server.config.onMarkedDown) this.#shut(server, 'DD')
    this.#fleet.queues.everybody(backend)
  }

  changed(server: LiveServer): void {
    const proxy = this.#fleet.backend(server.backend)
    if (proxy) this.#fleet.reviewed(proxy)
    for (const tracker of this.#fleet.servers()) if (tracker.tracked === server) tracker.review()
  }

  said(server: LiveServer, event: HealthEvent): void {
    const proxy = this.#fleet.backend(server.backend)
    if (proxy) logHealth(this.#fleet, proxy, server, event)
  }

  #shutBackups({ backend }: LiveServer): void {
    const servers = this.#fleet.backend(backend)?.servers ?? []
    for (const server of servers) if (server.config.backup) this.#shut(server, 'UD')
  }

  #shut({ backend, name }: LiveServer, ending: 'DD' | 'UD'): void {
    void this.#fleet.pool.request({ type: 'shut', backend, server: name, ending })
  }
}
