import type { Socket } from 'node:net'
import { Stay } from '../balance/failover.ts'
import { Log } from '../log/log.ts'
import { applyBackends, applyFrontends } from './applying.ts'
import type { Backend } from './backend.ts'
import { counted, shared } from './cells.ts'
import { park } from './door.ts'
import type { Frontend, Parked } from './frontend.ts'
import type { Listener } from './listener.ts'
import { Listeners } from './listeners.ts'
import { Numbers } from './numbers.ts'
import type { ListenFailure, Order, Plan, Report, ThreadData } from './plan.ts'
import { reset } from './reset.ts'
import type { Server } from './server.ts'
import type { Connecting } from './session/connecting.ts'
import { countCopied } from './session/counting.ts'
import { readHeader } from './session/header.ts'
import { isAccepted } from './session/route.ts'
import { type Ending, Session } from './session/session.ts'
import { Sessions } from './session/sessions.ts'
import { Wheel } from './wheel.ts'

/** How often the bytes of open sessions are counted. */
const countEveryMs = 1_000

/** Everything that one data thread has, and what its parts ask of each other. */
export class Plane {
  readonly thread: number
  readonly wheel: Wheel
  readonly sessions: Sessions = new Sessions()
  readonly frontends: Map<string, Frontend> = new Map()
  readonly backends: Map<string, Backend> = new Map()
  readonly report: (report: Report) => void
  readonly log: Log
  readonly #listeners: Listeners
  readonly #stays = new Map<Backend, Stay>()
  readonly #waiting = new Map<number, Connecting>()
  process: Numbers | undefined
  #nextWaiting = 1
  #countedAt = 0
  #isStopping = false
  #isLettingIn = false
  #mayHaveRoom = false

  constructor(data: ThreadData, report: (report: Report) => void) {
    this.thread = data.thread
    this.report = report
    this.log = new Log(report)
    this.#listeners = new Listeners(this, data.reusePort)
    this.wheel = new Wheel((now) => this.#tick(now))
  }

  async apply(plan: Plan): Promise<ListenFailure[]> {
    // It was on its way when the end came: nothing is opened again.
    if (this.#isStopping) return []
    this.process ??= new Numbers(plan.process, this.thread)
    for (const gone of applyFrontends(this.frontends, plan, this.process, this.thread)) gone.empty()
    applyBackends(this.backends, plan, this.thread)
    this.#applyStays()
    return await this.#listeners.apply(plan.listeners)
  }

  accept(socket: Socket, listener: Listener): void {
    if (this.#listeners.holds(listener, socket)) return
    const frontend = this.frontends.get(listener.frontend)
    if (!frontend || this.#isStopping) return void socket.destroy()
    frontend.numbers.add(counted.connTot, 1)
    const rules = frontend.config.connectionRules
    if (rules.length > 0 && !isAccepted(rules, this.#factsOf(socket))) {
      frontend.numbers.add(counted.dcon, 1)
      frontend.numbers.pass()
      reset(socket)
      return
    }
    const parked: Parked = { socket, acceptProxy: listener.acceptProxy }
    // Others stand before it.
    if (frontend.hasParked || !frontend.tryEnter()) {
      park(this, frontend, parked)
      this.room()
    } else this.#start(frontend, parked)
  }

  /** Lets in whoever is parked, as far as there is room. */
  room(): void {
    // One that is let in may end at once, which makes room, perhaps at a frontend that has been looked at already.
    this.#mayHaveRoom = true
    if (this.#isLettingIn) return
    this.#isLettingIn = true
    while (this.#mayHaveRoom) {
      this.#mayHaveRoom = false
      for (const frontend of this.frontends.values())
        while (frontend.hasParked && frontend.tryEnter()) this.#start(frontend, frontend.unpark() as Parked)
    }
    this.#isLettingIn = false
  }

  /** For `nbsrv`. */
  usableServers(backend: string): number {
    return this.backends.get(backend)?.usableServers ?? 0
  }

  /** For `srv_is_up`. */
  isUp(backend: string, server: string): boolean {
    return this.backends.get(backend)?.server(server)?.isUp ?? false
  }

  /** Puts a session into the queue of a backend, or of one server; the control thread knows whose turn it is. */
  wait(connecting: Connecting, server: Server | undefined): number {
    const waiting = this.#nextWaiting++
    this.#waiting.set(waiting, connecting)
    const { name: backend } = connecting.backend
    this.report({ type: 'wait', backend, waiting, ...(server && { server: server.name }) })
    return waiting
  }

  /** It has got a place of this server; or it is gone. */
  unwait(backend: Backend, waiting: number, server: Server | undefined): void {
    this.#waiting.delete(waiting)
    this.report({ type: 'gone', backend: backend.name, waiting, ...(server && { server: server.name }) })
  }

  turn({ backend, waiting, server }: Extract<Order, { type: 'turn' }>): void {
    const connecting = this.#waiting.get(waiting)
    if (connecting?.turn() === false) this.report({ type: 'full', backend, waiting, ...(server && { server }) })
  }

  stay(backend: Backend): Stay {
    const stay = this.#stays.get(backend) ?? new Stay(backend)
    this.#stays.set(backend, stay)
    return stay
  }

  /** A session has left a server: its place is free. */
  release(backend: Backend, server: Server): void {
    server.numbers.leave()
    const isWaitedFor =
      (backend.numbers.shared[shared.queued] as number) + (server.numbers.shared[shared.queued] as number)
    if (isWaitedFor > 0) this.report({ type: 'released', backend: backend.name, server: server.name })
  }

  dialFailed(backend: Backend, server: Server): void {
    Atomics.add(server.numbers.shared, shared.losses, 1)
    this.report({ type: 'dial', backend: backend.name, server: server.name, failed: true })
  }

  /** Told only after a failure: losses are counted in a row. */
  dialSucceeded(backend: Backend, server: Server): void {
    if (Atomics.exchange(server.numbers.shared, shared.losses, 0) === 0) return
    this.report({ type: 'dial', backend: backend.name, server: server.name, failed: false })
  }

  /** A session is over: it gives back what it held, and is counted and logged. */
  ended(session: Session, ending: Ending): void {
    const { frontend, backend, server } = session
    this.sessions.delete(session)
    const totalMs = performance.now() - session.began
    for (const numbers of [backend?.numbers, server?.numbers]) {
      if (!numbers) continue
      numbers.slide(counted.qtime, counted.qtimeMax, session.queueMs)
      numbers.slide(counted.ctime, counted.ctimeMax, Math.max(0, session.connectMs))
      numbers.slide(counted.ttime, counted.ttimeMax, totalMs)
    }
    this.log.ended(session, ending, totalMs)
    if (backend && server) this.release(backend, server)
    backend?.numbers.leave()
    const isForOthers = frontend.leave()
    this.room()
    if (isForOthers) this.report({ type: 'room', frontend: frontend.name })
    if (this.#isStopping && this.sessions.size === 0) this.#end()
  }

  /** Ends the sessions on a server. */
  shut({ backend, server, ending }: Extract<Order, { type: 'shut' }>): number {
    const known = this.backends.get(backend)?.server(server)
    if (!known) return 0
    const sessions = [...this.sessions].filter((session) => session.server === known)
    for (const session of sessions) session.end(ending)
    return sessions.length
  }

  out(backendName: string, server: string): void {
    const backend = this.backends.get(backendName)
    if (backend?.server(server)) this.#stays.get(backend)?.update()
  }

  address({ backend, server, address }: Extract<Order, { type: 'address' }>): void {
    const known = this.backends.get(backend)?.server(server)
    if (known) known.address = address
  }

  stop(): void {
    this.#isStopping = true
    for (const frontend of this.frontends.values()) frontend.empty()
    this.#listeners.close()
    if (this.sessions.size === 0) this.#end()
  }

  async leave(): Promise<void> {
    this.stop()
    this.cut()
    this.wheel.stop()
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
  }

  cut(): void {
    for (const session of this.sessions) session.end('KD')
  }

  #end(): void {
    this.log.flush()
    this.report({ type: 'ended' })
  }

  #start(frontend: Frontend, { socket, acceptProxy }: Parked): void {
    if (frontend.config.clitcpka) socket.setKeepAlive(true)
    const session = new Session(this, frontend, socket)
    if (acceptProxy) readHeader(session)
    else session.begin()
  }

  #factsOf(socket: Socket): Parameters<typeof isAccepted>[1] {
    return {
      address: socket.remoteAddress ?? '',
      port: socket.localPort ?? 0,
      usableServers: (name) => this.usableServers(name),
      isUp: (backend, server) => this.isUp(backend, server),
    }
  }

  #tick(now: number): void {
    this.log.flush()
    if (now < this.#countedAt + countEveryMs) return
    this.#countedAt = now
    for (const session of this.sessions) countCopied(session)
  }

  /** Who is not to be stayed with any more. */
  #applyStays(): void {
    for (const [backend, stay] of this.#stays) {
      const isThere = this.backends.get(backend.name) === backend
      if (isThere && backend.config.balance.algorithm === 'failover') stay.update()
      else {
        this.#stays.delete(backend)
        stay.close()
      }
    }
  }
}
