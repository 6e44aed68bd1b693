import type { Socket } from 'node:net'
import type { Fault, Way } from './fault.ts'
import { type Sieve, sieveFor } from './sieve.ts'

const MAX_WAITING_BYTES = 64 * 1024
const NOTHING = Buffer.alloc(0)

/** What a lane must know, and what it must tell, of the connection it belongs to. */
export interface LaneOwner {
  readonly fault: Fault
  /** So many bytes were handed to the receiver. */
  passed(way: Way, bytes: number): void
  /** Its fault strikes here: the lane has handed over its last byte. */
  struck(lane: Lane): void
  /** The sender is gone without a proper end. */
  broke(lane: Lane): void
}

/** Bytes, a proper end (FIN) or a broken one (RST), and when it arrived. */
interface Waiting {
  what: Buffer | 'end' | 'break'
  at: number
}

/** One way of a connection: hands on what arrives in its order, when and as far as the fault allows. */
export class Lane {
  readonly way: Way
  readonly to: Socket
  readonly #from: Socket
  readonly #owner: LaneOwner
  readonly #waiting: Waiting[] = []
  #waitingBytes = 0
  #sieve: Sieve | undefined
  #timer: NodeJS.Timeout | undefined
  #over = false

  constructor(way: Way, from: Socket, to: Socket, owner: LaneOwner) {
    this.way = way
    this.#from = from
    this.to = to
    this.#owner = owner
    this.#sieve = sieveFor(owner.fault, way)
    from.on('data', (bytes) => this.#arrive(bytes))
    from.on('end', () => this.#arrive('end'))
    from.on('error', () => this.#arrive('break'))
    to.once('connect', () => this.#handOn())
  }

  /** The fault is another one: what it held back may go, and it counts anew. */
  faultChanged(): void {
    const rest = this.#sieve?.rest() ?? NOTHING
    if (rest.length > 0) this.#waiting.unshift({ what: rest, at: Number.NEGATIVE_INFINITY })
    this.#waitingBytes += rest.length
    this.#sieve = sieveFor(this.#owner.fault, this.way)
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#handOn()
  }

  /** From now on all that arrives is thrown away. */
  stop(): void {
    this.#over = true
    this.#waiting.length = 0
    clearTimeout(this.#timer)
    this.#from.resume()
  }

  #arrive(what: Buffer | 'end' | 'break'): void {
    if (this.#over) return
    this.#waiting.push({ what, at: performance.now() })
    if (what instanceof Buffer) this.#waitingBytes += what.length
    this.#handOn()
  }

  #handOn(): void {
    for (let head = this.#next(); head !== undefined; head = this.#next()) this.#handOver(head)
    if (this.#over) return
    if (this.#waitingBytes >= MAX_WAITING_BYTES) this.#from.pause()
    else if (this.#from.isPaused()) this.#from.resume()
  }

  /** Takes the head of the queue if its time has come and the receiver can take it. */
  #next(): Waiting | undefined {
    const head = this.#waiting[0]
    if (head === undefined || this.#over || this.#owner.fault.mode === 'freeze') return undefined
    if (!this.#canTake(head)) return undefined
    const waitMs = head.at + this.#delayMs() - performance.now()
    if (waitMs > 0) {
      this.#wakeIn(waitMs)
      return undefined
    }
    if (head.what instanceof Buffer) this.#waitingBytes -= head.what.length
    return this.#waiting.shift()
  }

  /** An end of either sort must not overtake bytes the receiver was given before. */
  #canTake({ what }: Waiting): boolean {
    if (this.to.destroyed) return true
    if (this.to.pending) return what === 'break'
    return this.to.writableLength < (what instanceof Buffer ? MAX_WAITING_BYTES : 1)
  }

  #delayMs(): number {
    return this.#owner.fault.mode === 'delay' ? this.#owner.fault.ms : 0
  }

  #wakeIn(waitMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#handOn()
    }, Math.ceil(waitMs))
  }

  #handOver({ what }: Waiting): void {
    if (what === 'break') this.#owner.broke(this)
    else if (what === 'end') this.#finish()
    else this.#sift(what)
  }

  #sift(bytes: Buffer): void {
    const { passed, struck } = this.#sieve?.sift(bytes) ?? { passed: bytes, struck: false }
    this.#write(passed)
    if (struck) this.#owner.struck(this)
  }

  #finish(): void {
    this.#write(this.#sieve?.rest() ?? NOTHING)
    this.to.end()
  }

  #write(bytes: Buffer): void {
    if (bytes.length === 0 || this.to.destroyed) return
    this.#owner.passed(this.way, bytes.length)
    this.to.write(bytes, () => this.#handOn())
  }
}
