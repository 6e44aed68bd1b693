import type { ListenFailure, Report } from '../engine/plan.ts'
import type { Fleet } from './fleet.ts'
import type { PoolEvents } from './thread-pool.ts'

/** What follows from what data threads say, and from their ends. */
export class ThreadNews implements PoolEvents {
  readonly #fleet: Fleet

  constructor(fleet: Fleet) {
    this.#fleet = fleet
  }

  report(thread: number, report: Report): void {
    const { queues, pool, log } = this.#fleet
    switch (report.type) {
      case 'wait':
      case 'gone':
      case 'full':
      case 'released':
        queues.reported(thread, report)
        break
      case 'room':
        pool.tellAll({ type: 'room', frontend: report.frontend })
        break
      case 'dial':
        this.#fleet.backend(report.backend)?.server(report.server)?.dialled(report.failed)
        break
      case 'log':
        log.write(report.targets, 'info', report.lines, report.tag)
        break
      case 'warning':
        this.#fleet.warn(report.message)
    }
  }

  died(thread: number, error: Error | undefined): void {
    this.#fleet.warn(
      `data thread ${thread} has died (${error?.stack ?? 'without an error'}); its connections are lost, another takes its place`,
    )
    this.#fleet.process.giveBack(thread)
    for (const { config, frontend, backend, servers } of this.#fleet.proxies) {
      // Pages are the control thread's: it lives.
      if (config.mode === 'http') continue
      for (const sums of [frontend, backend, ...servers.map((server) => server.sums)]) sums?.giveBack(thread)
    }
    this.#fleet.queues.threadDied(thread)
    this.#fleet.roomMade()
  }

  failed(_thread: number, { message }: Error): void {
    this.#fleet.warn(message)
  }

  cannotListen(thread: number, failure: ListenFailure): void {
    this.#fleet.warn(`data thread ${thread}: ${this.#fleet.gates.whyNot(failure)}`)
  }
}
