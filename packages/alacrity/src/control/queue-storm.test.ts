import { describe, expect, test } from 'vitest'
import type { Order, Report } from '../engine/plan.ts'
import { Queue } from './queue.ts'

const servers = ['s1', 's2']
const limit = 2
const threads = 2

type QueueReport = Extract<Report, { type: 'wait' | 'gone' | 'full' | 'released' }>

/**
 * Data threads as far as a queue has to do with them: what each does in one go is one step, and between two steps of
 * one anything may happen in the others. Messages take their time, those of one thread keep their order.
 */
class Storm {
  readonly #random: () => number
  readonly #taken = new Map(servers.map((name) => [name, 0]))
  readonly #counted = new Map<string, number>()
  readonly #reports: QueueReport[][] = Array.from({ length: threads }, () => [])
  readonly #orders: Order[][] = Array.from({ length: threads }, () => [])
  readonly #queue = new Queue('b', (thread, order) => this.#orders[thread]?.push(order))
  /** Found all full, but not said so yet: the step in which a place gets lost if it can. */
  #hesitating: { thread: number; server: string | undefined }[] = []
  #waiting = new Map<number, { thread: number; server: string | undefined }>()
  #sessions: { thread: number; server: string }[] = []
  #next = 1

  constructor(seed: number) {
    this.#random = randomOf(seed)
  }

  run(steps: number): void {
    for (let at = 0; at < steps; at++) this.#step(this.#random())
    for (const each of this.#hesitating.splice(0)) this.#wait(each)
    // Nobody comes any more: whoever does takes a place that others have been forgotten for.
    for (let at = 0; at < steps; at++) this.#step(0.2 + this.#random() * 0.8)
    while ([...this.#reports, ...this.#orders].some((messages) => messages.length > 0)) this.#deliver(this.#thread)
  }

  /** Those who wait although there is a place for them. */
  get forgotten(): number {
    return [...this.#waiting.values()].filter(({ server }) => this.#freeFor(server) !== undefined).length
  }

  #step(what: number): void {
    if (what < 0.2) this.#come(this.#thread)
    else if (what < 0.3) this.#leave()
    else if (what < 0.35) this.#giveUp()
    else if (what < 0.5) this.#wait(this.#hesitating.shift())
    else this.#deliver(this.#thread)
  }

  get #thread(): number {
    return Math.floor(this.#random() * threads)
  }

  #come(thread: number): void {
    const server = this.#one([undefined, ...servers])
    const isBehind = (this.#counted.get(server ?? '') ?? 0) > 0
    const free = isBehind ? undefined : this.#freeFor(server)
    if (free === undefined) this.#hesitating.push({ thread, server })
    else this.#take(thread, free)
  }

  #wait(each: { thread: number; server: string | undefined } | undefined): void {
    if (!each) return
    const waiting = this.#next++
    this.#waiting.set(waiting, each)
    this.#count(each.server, 1)
    this.#report(each.thread, { type: 'wait', backend: 'b', waiting, ...(each.server && { server: each.server }) })
  }

  #leave(): void {
    const [session] = this.#sessions.splice(Math.floor(this.#random() * this.#sessions.length), 1)
    if (!session) return
    const { thread, server } = session
    this.#taken.set(server, (this.#taken.get(server) as number) - 1)
    const waitedFor = (this.#counted.get('') ?? 0) + (this.#counted.get(server) ?? 0)
    if (waitedFor > 0) this.#report(thread, { type: 'released', backend: 'b', server })
  }

  #giveUp(): void {
    if (this.#waiting.size === 0) return
    this.#unwait(this.#one([...this.#waiting.keys()]))
  }

  #unwait(waiting: number, server?: string): void {
    const each = this.#waiting.get(waiting) as { thread: number; server: string | undefined }
    this.#waiting.delete(waiting)
    this.#count(each.server, -1)
    this.#report(each.thread, { type: 'gone', backend: 'b', waiting, ...(server && { server }) })
  }

  #turn(thread: number, order: Order): void {
    if (order.type !== 'turn') return
    const each = this.#waiting.get(order.waiting)
    if (!each) return
    const free = this.#freeFor(each.server)
    if (free === undefined) this.#report(thread, { type: 'full', backend: 'b', waiting: order.waiting })
    else {
      this.#unwait(order.waiting, free)
      this.#take(thread, free)
    }
  }

  #deliver(thread: number): void {
    const isUp = this.#random() < 0.5
    const report = isUp ? this.#reports[thread]?.shift() : undefined
    const order = isUp ? undefined : this.#orders[thread]?.shift()
    if (report?.type === 'wait') this.#queue.wait(thread, report)
    if (report?.type === 'gone') this.#queue.gone(thread, report)
    if (report?.type === 'full') this.#queue.full(thread, report.waiting)
    if (report?.type === 'released') this.#queue.released(report.server)
    if (order) this.#turn(thread, order)
  }

  #freeFor(server: string | undefined): string | undefined {
    const wanted = server === undefined ? servers : [server]
    return wanted.find((name) => (this.#taken.get(name) as number) < limit)
  }

  #take(thread: number, server: string): void {
    this.#taken.set(server, (this.#taken.get(server) as number) + 1)
    this.#sessions.push({ thread, server })
  }

  #count(server: string | undefined, more: number): void {
    this.#counted.set(server ?? '', (this.#counted.get(server ?? '') ?? 0) + more)
  }

  #report(thread: number, report: QueueReport): void {
    this.#reports[thread]?.push(report)
  }

  #one<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item
  }
}

/** The same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

describe('the queue in a storm', () => {
  test('nobody waits while there is a place for him, in whatever order things happen', () => {
    const forgetful: number[] = []
    for (let seed = 1; seed <= 2_000; seed++) {
      const storm = new Storm(seed)
      storm.run(60)
      if (storm.forgotten > 0) forgetful.push(seed)
    }
    expect(forgetful).toEqual([])
  })
})
