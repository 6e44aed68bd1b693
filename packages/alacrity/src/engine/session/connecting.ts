import type { Backend, Pick } from '../backend.ts'
import { counted } from '../cells.ts'
import { encodeProxyHeader } from '../proxy-protocol/encode.ts'
import type { Server } from '../server.ts'
import { dial, endsOf } from './dial.ts'
import { isRedispatched } from './redispatch.ts'
import { serverByRule } from './route.ts'
import type { Ending, Session } from './session.ts'

/** How long to wait before the same server is tried again, at most. */
const turnaroundMs = 1_000

type Phase = 'picking' | 'queue' | 'dialling' | 'turnaround'

/**
 * How a session gets its server: it picks one, waits where all are full, dials, and after a failure tries again, the
 * same or another (`retries`, `option redispatch`). Nothing of the client has been read until then, so that nothing
 * can get lost or be sent twice.
 */
export class Connecting {
  readonly session: Session
  readonly backend: Backend
  #phase: Phase = 'picking'
  #until = 0
  /** Its number in the queue, and whose queue it is. */
  #waiting: number | undefined
  #waitsFor: Server | undefined
  /** Whom to try again; not set: another may do. */
  #again: Server | undefined
  /** The algorithm has chosen: neither a rule nor whoever has left a place to the first who waits. */
  #isBalanced = false
  /** It has failed, and may go elsewhere now. */
  #mayChange = false
  readonly #began = performance.now()
  /** With `balance failover` somebody else decides what happens after a dial. */
  #dialled: ((error?: Error) => void) | undefined
  /** How often a server has been dialled. */
  dials = 0

  constructor(session: Session, backend: Backend) {
    this.session = session
    this.backend = backend
  }

  begin(): void {
    const { session, backend } = this
    if (backend.config.balance.algorithm === 'failover') session.plane.stay(backend).connect(this)
    else this.#take(this.#pick(false))
  }

  /** Others have left: it may try to get a server. Returns whether it got one. */
  turn(): boolean {
    const isGone = this.#waitsFor !== undefined && !this.backend.has(this.#waitsFor)
    const waitsFor = isGone ? undefined : this.#waitsFor
    if (this.#dialled && !waitsFor?.mayServe) return this.#passOver()
    const picked = waitsFor?.isUp ? this.backend.pickThis(waitsFor, true) : this.#pick(true)
    // Whose server a reload has removed waits anew, where there is somebody to wait for.
    if ('full' in picked && !isGone) return false
    this.#unqueue('server' in picked ? picked.server : undefined)
    this.#take(picked)
    return true
  }

  /** One dial to a server of somebody else's choice; says how it went. */
  dial(server: Server, dialled: (error?: Error) => void): void {
    this.#dialled = dialled
    this.#take(this.backend.pickThis(server, false))
  }

  failed(error: Error, isTimeout = false): void {
    const { session, backend } = this
    const server = session.server as Server
    this.#leaveServer()
    session.plane.dialFailed(backend, server)
    const dialled = this.#dialled
    this.#dialled = undefined
    if (dialled) dialled(error)
    else if (session.retries >= backend.config.retries) this.giveUp(server, isTimeout ? 'sC' : 'SC')
    else {
      const isElsewhere = isRedispatched(backend, ++session.retries)
      if (!isElsewhere) this.#countRetry(server)
      this.#again = isElsewhere ? undefined : server
      this.#mayChange = isElsewhere
      // The same server again, or perhaps: what has just refused is given a moment; what did not answer has had its time.
      if (!isTimeout && (!isElsewhere || backend.activeServers <= 1)) this.#pause()
      else this.#tryAgain()
    }
  }

  due(now: number): number {
    if (this.#until > 0 && now < this.#until) return this.#until
    if (this.#phase === 'queue') this.giveUp(this.#waitsFor, 'sQ')
    else if (this.#phase === 'dialling') this.#timedOut()
    else if (this.#phase === 'turnaround') this.#tryAgain()
    return 0
  }

  clientLeft(): Ending {
    return this.#phase === 'queue' ? 'CQ' : 'CC'
  }

  stop(): void {
    if (this.#phase === 'queue') this.#unqueue()
    // The client has gone: no server is to blame.
    this.#dialled?.()
  }

  /** Gives up for good: there is nobody, or the tries are used up. */
  giveUp(server?: Server, ending: Ending = 'SC'): void {
    this.backend.numbers.add(counted.econ, 1)
    server?.numbers.add(counted.econ, 1)
    this.session.end(ending)
  }

  /** Counts a try more, at another server. */
  countRedispatch(from: Server): void {
    this.session.isRedispatched = true
    for (const { numbers } of [this.backend, from]) numbers.add(counted.wredis, 1)
  }

  #pick(isItsTurn: boolean): Pick {
    const chosen = serverByRule(this.session, this.backend)
    if (chosen) return this.backend.pickThis(chosen, isItsTurn)
    this.#isBalanced = !isItsTurn
    return this.backend.pick(this.session, undefined, isItsTurn)
  }

  #take(picked: Pick): void {
    if ('none' in picked) this.giveUp()
    else if ('full' in picked) this.#queue(picked.server)
    else this.#dial(picked.server)
  }

  #dial(server: Server): void {
    const { session, backend } = this
    session.server = server
    session.queueMs = performance.now() - this.#began
    this.#assigned(server)
    server.numbers.add(counted.stot, 1)
    for (const { numbers } of [backend, server]) {
      numbers.add(counted.connect, 1)
      numbers.row[counted.lastsess] = Date.now()
    }
    this.dials++
    this.#phase = 'dialling'
    if (server.address) {
      session.upstream = dial(session, server, server.address, backend.config.srvtcpka)
      this.#wait(backend.config.timeouts.connect)
    } else this.failed(new Error('its name is not resolved'))
  }

  connected(): void {
    const { session, backend } = this
    const server = session.server as Server
    session.forget()
    session.connectMs = performance.now() - this.#began - session.queueMs
    session.plane.dialSucceeded(backend, server)
    if (server.config.sendProxy)
      session.upstream?.write(encodeProxyHeader(server.config.sendProxy, session.ends ?? endsOf(session.client)))
    const dialled = this.#dialled
    this.#dialled = undefined
    session.open()
    dialled?.()
  }

  #timedOut(): void {
    this.session.upstream?.destroy()
    this.failed(new Error('it did not answer in time'), true)
  }

  #pause(): void {
    this.#phase = 'turnaround'
    this.#wait(Math.min(turnaroundMs, this.backend.config.timeouts.connect ?? turnaroundMs))
  }

  #tryAgain(): void {
    const again = this.#again
    this.#isBalanced = !again
    this.#take(
      again ? this.backend.pickThis(again, false) : this.backend.pick(this.session, this.session.lastServer, false),
    )
  }

  #countRetry(server: Server): void {
    for (const { numbers } of [this.backend, server]) numbers.add(counted.wretr, 1)
  }

  /** A server has been chosen, to be dialled or to be waited for: after a failure the same once more, or another. */
  #assigned(server: Server): void {
    const last = this.session.lastServer
    this.session.lastServer = server
    if (this.#isBalanced && server !== last)
      for (const { numbers } of [this.backend, server]) numbers.add(counted.lbtot, 1)
    this.#isBalanced = false
    if (!this.#mayChange || !last) return
    this.#mayChange = false
    if (server === last) this.#countRetry(server)
    else this.countRedispatch(last)
  }

  #queue(server: Server | undefined): void {
    const { session, backend } = this
    if (server) this.#assigned(server)
    if (server?.isQueueFull) {
      this.giveUp(server, 'SQ')
      return
    }
    this.#phase = 'queue'
    this.#waitsFor = server
    if (server) session.serverQueue = server.numbers.queue()
    else session.backendQueue = backend.numbers.queue()
    this.#waiting = session.plane.wait(this, server)
    this.#wait(backend.config.timeouts.queue ?? backend.config.timeouts.connect)
  }

  /** With `balance failover`, whom it waits for is out: somebody else is to be dialled. */
  #passOver(): true {
    const dialled = this.#dialled
    this.#dialled = undefined
    this.#unqueue()
    dialled?.(new Error('it takes no connections any more'))
    return true
  }

  /** It has got a place of this server, or waits no longer. */
  #unqueue(server?: Server): void {
    ;(this.#waitsFor ?? this.backend).numbers.unqueue()
    this.session.queueMs = performance.now() - this.#began
    this.session.plane.unwait(this.backend, this.#waiting as number, server)
    this.#phase = 'picking'
    this.#waitsFor = undefined
    this.session.forget()
  }

  #wait(ms: number | undefined): void {
    this.#until = ms === undefined ? 0 : performance.now() + ms
    if (this.#until > 0) this.session.plane.wheel.set(this.session, this.#until)
  }

  #leaveServer(): void {
    const { session } = this
    session.forget()
    session.upstream = undefined
    if (session.server) session.plane.release(this.backend, session.server)
    session.server = undefined
  }
}
