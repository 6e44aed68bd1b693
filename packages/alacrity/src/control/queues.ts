import type { Report } from '../engine/plan.ts'
import { Queue, type Tell } from './queue.ts'

/** The queues of all backends, by name. */
export class Queues {
  readonly #tell: Tell
  readonly #queues = new Map<string, Queue>()

  constructor(tell: Tell) {
    this.#tell = tell
  }

  /** A data thread says something of those who wait there. */
  reported(thread: number, report: Extract<Report, { type: 'wait' | 'gone' | 'full' | 'released' }>): void {
    const queue = this.#of(report.backend)
    if (report.type === 'wait') queue.wait(thread, report)
    else if (report.type === 'gone') queue.gone(thread, report)
    else if (report.type === 'full') queue.full(thread, report.waiting)
    else queue.released(report.server)
  }

  /** All who wait for a server of this backend may try. */
  everybody(backend: string): void {
    this.#queues.get(backend)?.everybody()
  }

  threadDied(thread: number): void {
    for (const queue of this.#queues.values()) {
      queue.threadDied(thread)
      queue.everybody()
    }
  }

  #of(backend: string): Queue {
    const queue = this.#queues.get(backend) ?? new Queue(backend, this.#tell)
    this.#queues.set(backend, queue)
    return queue
  }
}
