import { createRequire } from 'node:module'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { ListenFailure, Order, Plan, Report, ThreadData } from '../engine/plan.ts'

/** An order that is answered with a count, before it has got its number. */
type Request = {
  [type in 'shut' | 'leave']: Omit<Extract<Order, { type: type }>, 'request'>
}['shut' | 'leave']

/** How long a thread may take to close its sockets, and then to end. */
const patienceMs = 1_000
const endPatienceMs = 5_000

/** A data thread does not end, whatever it is told: while it is there the process cannot end by itself either. */
export class ThreadStuck extends Error {
  override readonly name = 'ThreadStuck'
}

export interface PoolEvents {
  report(thread: number, report: Report): void
  /** A thread has died by itself: what it held is to be given back, before another takes its place. */
  died(thread: number, error: Error | undefined): void
  /** The one that was to take its place could not be started; it is tried again in a second. */
  failed(thread: number, error: Error): void
  /** It has started, but cannot listen where the others do. */
  cannotListen(thread: number, failure: ListenFailure): void
}

/** The data threads: started, told what to do, and replaced when one dies. */
export class ThreadPool {
  readonly size: number
  readonly #reusePort: boolean
  readonly #events: PoolEvents
  readonly #workers: (Worker | undefined)[] = []
  readonly #errors = new Map<Worker, Error>()
  /** Those that have lived: they said that they are ready. */
  readonly #ready = new WeakSet<Worker>()
  /** What waits for an answer, by thread and number. */
  readonly #answers = new Map<string, (report: Report) => void>()
  #plan: Plan | undefined
  #nextRequest = 1
  #isEnding = false
  #isRetired = false

  constructor(size: number, reusePort: boolean, events: PoolEvents) {
    this.size = size
    this.#reusePort = reusePort
    this.#events = events
  }

  async start(): Promise<void> {
    await Promise.all(Array.from({ length: this.size }, (_, thread) => this.#spawn(thread)))
  }

  /** Has all threads do what a plan says. Resolves with the addresses that some thread could not listen on. */
  async apply(plan: Plan): Promise<ListenFailure[]> {
    this.#plan = plan
    const failures = await Promise.all(this.#all((thread) => this.#apply(thread, plan)))
    return failures.flat()
  }

  tell(thread: number, order: Order): void {
    this.#workers[thread]?.postMessage(order)
  }

  tellAll(order: Order): void {
    for (const worker of this.#workers) worker?.postMessage(order)
  }

  /** Resolves when all threads have done it, with the sum of their counts. */
  async request(order: Request): Promise<number> {
    const request = this.#nextRequest++
    const counts = await Promise.all(
      this.#all(async (thread) => {
        const report = await this.#ask(thread, { ...order, request }, `done/${request}`)
        return report.type === 'done' ? report.count : 0
      }),
    )
    return counts.reduce((sum, count) => sum + count, 0)
  }

  /** Takes no connections any more, and replaces no thread that dies; resolves when all sessions of all threads have ended. */
  async stop(): Promise<void> {
    this.#isRetired = true
    await Promise.all(this.#all((thread) => this.#ask(thread, { type: 'stop' }, 'ended')))
  }

  /** Cuts the sessions that are left. A thread that does not answer is not waited for. */
  cut(): void {
    this.tellAll({ type: 'cut' })
    void setTimeout(patienceMs, undefined, { ref: false }).then(() => this.#answerAll())
  }

  /** @throws ThreadStuck */
  async terminate(): Promise<void> {
    this.#isEnding = true
    // A thread that is ended with sockets open may hang in closing them. One that does not answer is ended all the same.
    await isInTime(this.request({ type: 'leave' }), patienceMs)
    const ended = Promise.all(this.#workers.map(async (worker) => await worker?.terminate()))
    const haveEnded = await isInTime(ended, endPatienceMs)
    this.#answerAll()
    if (!haveEnded) throw new ThreadStuck(`a data thread has not ended within ${endPatienceMs} ms of being told to`)
  }

  async #apply(thread: number, plan: Plan): Promise<readonly ListenFailure[]> {
    const version = this.#nextRequest++
    const report = await this.#ask(thread, { type: 'apply', plan, version }, `applied/${version}`)
    return report.type === 'applied' ? report.failed : []
  }

  #all<Result>(each: (thread: number) => Result): Result[] {
    return this.#workers.map((_, thread) => each(thread))
  }

  #ask(thread: number, order: Order, answer: string): Promise<Report> {
    return new Promise((resolve) => {
      if (!this.#workers[thread]) return resolve({ type: 'ended' })
      this.#answers.set(`${thread}/${answer}`, resolve)
      this.tell(thread, order)
    })
  }

  #answered(thread: number, answer: string, report: Report): void {
    const key = `${thread}/${answer}`
    this.#answers.get(key)?.(report)
    this.#answers.delete(key)
  }

  /** Whoever waits for these threads waits no longer. */
  #answerAll(threads = ''): void {
    for (const [key, answer] of this.#answers) {
      if (!key.startsWith(threads)) continue
      this.#answers.delete(key)
      answer({ type: 'ended' })
    }
  }

  /** @throws Error if it dies before it is ready */
  async #spawn(thread: number): Promise<void> {
    const workerData: ThreadData = { thread, threads: this.size, reusePort: this.#reusePort }
    // By its name, so that it is found in the package wherever this file was bundled to.
    const file = createRequire(import.meta.url).resolve('@tourniquet/alacrity/data-thread')
    const worker = new Worker(file, { workerData, name: `alacrity data ${thread}` })
    this.#workers[thread] = worker
    worker.on('error', (error) => this.#errors.set(worker, error))
    worker.on('message', (report: Report) => this.#reported(thread, report))
    const isReady = new Promise<Report>((resolve) => this.#answers.set(`${thread}/ready`, resolve))
    worker.on('exit', () => this.#exited(thread, worker))
    if ((await isReady).type !== 'ready') {
      throw new Error(`a data thread cannot be started: ${this.#errors.get(worker)?.message ?? 'it ended at once'}`)
    }
    this.#ready.add(worker)
  }

  #reported(thread: number, report: Report): void {
    if (report.type === 'ready') this.#answered(thread, 'ready', report)
    else if (report.type === 'applied') this.#answered(thread, `applied/${report.version}`, report)
    else if (report.type === 'done') this.#answered(thread, `done/${report.request}`, report)
    else if (report.type === 'ended') this.#answered(thread, 'ended', report)
    else this.#events.report(thread, report)
  }

  #exited(thread: number, worker: Worker): void {
    if (this.#isEnding || this.#workers[thread] !== worker) return
    this.#workers[thread] = undefined
    this.#answerAll(`${thread}/`)
    if (!this.#ready.has(worker)) return
    this.#events.died(thread, this.#errors.get(worker))
    void this.#replace(thread)
  }

  async #replace(thread: number): Promise<void> {
    if (this.#isEnding || this.#isRetired) return
    try {
      await this.#spawn(thread)
      const failures = this.#plan ? await this.#apply(thread, this.#plan) : []
      for (const failure of failures) this.#events.cannotListen(thread, failure)
    } catch (error) {
      this.#events.failed(thread, error as Error)
      await setTimeout(1_000, undefined, { ref: false })
      await this.#replace(thread)
    }
  }
}

async function isInTime(work: Promise<unknown>, ms: number): Promise<boolean> {
  const inTime = new AbortController()
  const late = setTimeout(ms, false, { signal: inTime.signal }).catch(() => false)
  const isDone = await Promise.race([work.then(() => true), late])
  inTime.abort()
  return isDone
}
