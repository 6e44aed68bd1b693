import type { Backend } from '../backend.ts'
import { counted } from '../cells.ts'
import type { Frontend } from '../frontend.ts'
import type { Plane } from '../plane.ts'
import type { Ends } from '../proxy-protocol/ends.ts'
import { reset } from '../reset.ts'
import type { Server } from '../server.ts'
import { Timed } from '../wheel.ts'
import { Connecting } from './connecting.ts'
import { countCopied } from './counting.ts'
import { endsOf } from './dial.ts'
import { type Owned, owner, relay } from './relay.ts'
import { route } from './route.ts'
import { headerDue, idleDue, watchIdle } from './timeouts.ts'

/**
 * Why a session ended, in the two letters of HAProxy's log. First who: `C` the client, `S` the server, `P` a rule, `R` we ran out of something, `D` the server
 * went down, `K` an operator, `U` a better server came up, `c` and `s` a time-out of the client or of the server. Then when: `R`equest, in the `Q`ueue, `C`onnecting, `D`ata.
 */
export type Ending = '--' | `${'C' | 'S' | 'P' | 'R' | 'D' | 'K' | 'U' | 'c' | 's'}${'R' | 'Q' | 'C' | 'D'}`

/** One client's connection, from the door to the end: it has one of everything, and knows what it holds. */
export class Session extends Timed {
  readonly plane: Plane
  readonly frontend: Frontend
  readonly client: Owned
  /** In the wheel's kind of time, and in the clock's. */
  readonly began: number
  readonly acceptedAt: number
  /** What a PROXY header said of the client, if one did. */
  ends: Ends | undefined
  /** Of the two sockets, for the log: one that is closed does not know them any more. */
  clientEnds: Ends | undefined
  upstreamEnds: Ends | undefined
  /** Read together with the PROXY header: it goes to the server first. */
  early: Buffer | undefined
  /** What the client sent that was for us, not for the server. */
  headerBytes = 0

  backend: Backend | undefined
  server: Server | undefined
  upstream: Owned | undefined
  /** How it is being connected, while it is. */
  connecting: Connecting | undefined
  queueMs = 0
  /** How many stood in the queue of a server or of the backend when this one had joined them. */
  serverQueue = 0
  backendQueue = 0
  connectMs = -1
  retries = 0
  isRedispatched = false
  /** Whom it was given last, also if that came to nothing. */
  lastServer: Server | undefined

  /** Copied, as far as it has been counted. */
  bytesIn = 0
  bytesOut = 0
  /** When anything went either way, in the wheel's time. */
  activeAt: number
  /** Since when a side does not take what is written to it; 0: it does. */
  clientStalledAt = 0
  upstreamStalledAt = 0
  /** Among the sessions of its thread. */
  place = 0
  isOpen = false
  isOver = false
  clientHasEnded = false
  upstreamHasEnded = false
  #hasBegun = false

  constructor(plane: Plane, frontend: Frontend, client: Owned) {
    super()
    this.plane = plane
    this.frontend = frontend
    this.client = client
    this.began = performance.now()
    this.acceptedAt = Date.now()
    this.activeAt = plane.wheel.now
    client[owner] = this
    client.on('error', onClientError)
    if (this.isLogged) this.clientEnds = endsOf(client)
    plane.sessions.add(this)
  }

  get now(): number {
    return this.plane.wheel.now
  }

  get isLogged(): boolean {
    return this.frontend.config.log.targets.length > 0
  }

  /** The client's address, or what a PROXY header says it is. */
  get clientAddress(): string {
    return (this.ends ?? this.clientEnds)?.source.address ?? this.client.remoteAddress ?? ''
  }

  /** The header has been read, or none is expected. */
  begin(): void {
    this.#hasBegun = true
    this.frontend.numbers.add(counted.stot, 1)
    this.plane.log.begun(this)
    const backend = route(this)
    if (typeof backend === 'string') this.end(backend)
    else this.enter(backend)
  }

  enter(backend: Backend): void {
    this.backend = backend
    backend.numbers.enter()
    backend.numbers.add(counted.stot, 1)
    this.connecting = new Connecting(this, backend)
    this.connecting.begin()
  }

  /** The server has taken the connection. */
  open(): void {
    this.connecting = undefined
    this.isOpen = true
    if (this.isLogged) this.upstreamEnds = endsOf(this.upstream as Owned)
    this.activeAt = this.now
    if (this.early) this.upstream?.write(this.early)
    this.early = undefined
    relay(this)
    watchIdle(this)
    // Behind a PROXY header its end may have been read before anybody listened.
    if (this.client.readableEnded) this.clientEnded()
  }

  /** Returns whether more may be read of what the server sends. */
  fromServer(chunk: Buffer): boolean {
    this.activeAt = this.now
    if (this.client.write(chunk)) return true
    this.clientStalledAt = this.now
    return false
  }

  clientEnded(error?: Error | null): void {
    if (this.isOver) return
    if (error) {
      this.clientFailed(error)
      return
    }
    this.clientHasEnded = true
    this.#passOnEnd(this.upstream as Owned)
  }

  upstreamEnded(error?: Error | null): void {
    if (this.isOver) return
    if (error) {
      this.upstreamFailed(error)
      return
    }
    this.upstreamHasEnded = true
    this.#passOnEnd(this.client)
  }

  clientFailed(_error: Error): void {
    if (this.isOver) return
    this.backend?.numbers.add(counted.cli_abrt, 1)
    this.server?.numbers.add(counted.cli_abrt, 1)
    this.end(this.isOpen ? 'CD' : this.connecting ? this.connecting.clientLeft() : 'CR')
  }

  upstreamFailed(error: Error): void {
    if (this.isOver) return
    if (this.connecting) {
      this.connecting.failed(error)
      return
    }
    for (const numbers of [this.backend?.numbers, this.server?.numbers]) {
      numbers?.add(counted.srv_abrt, 1)
      numbers?.add(counted.eresp, 1)
    }
    this.end('SD')
  }

  /** Ends it at once, on both sides. */
  end(ending: Ending): void {
    if (this.isOver) return
    this.isOver = true
    this.forget()
    countCopied(this)
    this.connecting?.stop()
    this.#close(ending)
    this.plane.ended(this, ending)
  }

  /** Its time may have come: while it is being connected, or because neither side has said anything for long. */
  override due(now: number): number {
    if (this.isOver) return 0
    if (!this.isOpen) return this.connecting ? this.connecting.due(now) : headerDue(this, now)
    return idleDue(this, now)
  }

  #passOnEnd(to: Owned): void {
    this.activeAt = this.now
    if (!(this.clientHasEnded && this.upstreamHasEnded)) {
      to.end()
      watchIdle(this)
      return
    }
    this.#endWhenWritten()
  }

  /** The last bytes may still be on their way, to either side. */
  #endWhenWritten(): void {
    const late = [this.client, this.upstream as Owned].find(({ writableLength }) => writableLength > 0)
    if (late) late.end().once('finish', () => this.#endWhenWritten())
    else this.end('--')
  }

  /** Whose side broke off has the other side see it: a reset for a reset. All other ends are orderly. */
  #close(ending: Ending): void {
    if (ending === 'CD' && this.upstream) reset(this.upstream)
    else this.upstream?.destroy()
    // Who has to begin with a PROXY header, and does not, is no client: there is nothing to say to it.
    if (ending === 'SD' || !this.#hasBegun) reset(this.client)
    else this.client.destroy()
  }
}

function onClientError(this: Owned, error: Error): void {
  this[owner]?.clientFailed(error)
}
