import type { ServerConfig } from '../config/model.ts'
import { shared, usable } from './cells.ts'
import { Numbers } from './numbers.ts'
import type { ServerAddress, ServerPlan } from './plan.ts'

/** A server as a data thread sees it. What the control thread decides (weight, state, limit) is read from its cells. */
export class Server {
  /** No other has the same, in all threads. */
  readonly serial: number
  readonly numbers: Numbers
  /** Its place among the servers of its backend: the order of the file. */
  readonly index: number
  config: ServerConfig
  address: ServerAddress | undefined

  constructor(plan: ServerPlan, index: number, thread: number) {
    this.serial = plan.serial
    this.numbers = new Numbers(plan.cells, thread)
    this.index = index
    this.config = plan.config
    this.address = plan.address
  }

  get name(): string {
    return this.config.name
  }

  /** May it be given a new connection, as far as its state goes? */
  get isUsable(): boolean {
    return this.numbers.shared[shared.usable] === usable.yes
  }

  /** May it be given one without being asked for by its name? */
  get mayServe(): boolean {
    return this.isUsable && this.weight > 0
  }

  /** Is it there? One that is drained is, for who asks for it by its name. */
  get isUp(): boolean {
    return this.numbers.shared[shared.usable] !== usable.no
  }

  /** Times 256. */
  get weight(): number {
    return this.numbers.shared[shared.weight] as number
  }

  get isFull(): boolean {
    const limit = this.numbers.maxconn
    return limit > 0 && (this.numbers.shared[shared.cur] as number) >= limit
  }

  get hasQueue(): boolean {
    return this.numbers.hasQueue
  }

  get isQueueFull(): boolean {
    const { maxqueue } = this.config
    return maxqueue > 0 && (this.numbers.shared[shared.queued] as number) >= maxqueue
  }
}
