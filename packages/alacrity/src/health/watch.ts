import type { CheckMethod, ServerCheck, ServerConfig } from '../config/model.ts'
import type { CheckResult, CheckTarget, Health, RunCheck } from './contract.ts'
import type { HealthCounts, HealthEvent } from './event.ts'
import { firstLevel, intervalOf, type Level, levelAfter, levelBy, topOf } from './level.ts'
import { afterLosses, lossesResult } from './losses.ts'
import { runCheck } from './run-check.ts'
import { type CheckTimeouts, checkTargetOf, spread, timeoutsOf } from './schedule.ts'
import { isPass } from './steps.ts'

/** What a reload may change. */
export interface WatchSettings {
  readonly check: ServerCheck
  readonly method: CheckMethod
  readonly timeouts: CheckTimeouts
  /** `observe layer4`. Not set: losses only ask for an early check. */
  readonly observe?: ServerConfig['observe']
  /** `spread-checks`. Default 0. */
  readonly spreadPercent?: number
}

export interface HealthWatchOptions extends WatchSettings {
  /** The server's address as of now; undefined while it has none: then it is not checked, and stays as it is. */
  readonly target: () => CheckTarget | undefined
  /** How long after `start()` the first check is due: see `firstDelays`. Default 0. */
  readonly delayMs?: number
  /** Default: `runCheck`. */
  readonly run?: RunCheck
  /** From 0 to 1, for `spreadPercent`. Default `Math.random`. */
  readonly random?: () => number
  /** After every check, and whenever the health changes otherwise. */
  readonly onChange?: (event: HealthEvent) => void
}

/** An early check comes no sooner than this part of `inter` after the last one: a storm of losses is no storm of checks. */
const earliest = 10

/**
 * Watches one server: checks it as often as its state says, and keeps that state, as HAProxy does. It starts up, one
 * failed check from down. Waiting for the next check does not keep the process alive.
 */
export class HealthWatch {
  #options: HealthWatchOptions
  #level: Level
  #last: CheckResult | undefined
  #counts: HealthCounts = { failed: 0, downs: 0, observed: 0 }
  #losses = 0
  #timer: NodeJS.Timeout | undefined
  #dueAt = Number.POSITIVE_INFINITY
  #beganAt = Number.NEGATIVE_INFINITY
  #running: AbortController | undefined
  #isStarted = false

  constructor(options: HealthWatchOptions) {
    this.#options = options
    this.#level = firstLevel(options.check)
  }

  get health(): Health {
    const { rise, fall } = this.#options.check
    return { ...this.#level, rise, fall, ...(this.#last && { last: this.#last }) }
  }

  get counts(): HealthCounts {
    return this.#counts
  }

  /** A check is under way: the `*` in the CSV's `check_status`. */
  get isChecking(): boolean {
    return this.#running !== undefined
  }

  /** @param delayMs how long after this the first check is due */
  start(delayMs: number = this.#options.delayMs ?? 0): void {
    if (this.#isStarted) return
    this.#isStarted = true
    this.#due(delayMs)
  }

  /** A check under way ends at once, and does not count. What is known stays. */
  stop(): void {
    this.#isStarted = false
    this.#running?.abort()
    this.#running = undefined
    clearTimeout(this.#timer)
    this.#dueAt = Number.POSITIVE_INFINITY
  }

  /** As at the beginning, one failed check from down: what HAProxy does when a server leaves maintenance. */
  reset(): void {
    this.#level = firstLevel(this.#options.check)
    this.#losses = 0
  }

  /** After a reload. What is known stays, by the new `rise` and `fall`. */
  update(settings: WatchSettings): void {
    this.#level = levelBy(this.#level, this.#options.check, settings.check)
    const { target, delayMs, run, random, onChange } = this.#options
    this.#options = {
      ...settings,
      target,
      ...(delayMs !== undefined && { delayMs }),
      ...(run && { run }),
      ...(random && { random }),
      ...(onChange && { onChange }),
    }
    this.#hurry(intervalOf(this.#level, settings.check))
  }

  /** `set server … health`: it is so until checks say something else. */
  force(to: 'up' | 'stopping' | 'down'): void {
    const top = topOf(this.#options.check)
    const level: Level =
      to === 'down' ? { status: 'down', level: 0 } : { status: to === 'up' ? 'up' : 'nolb', level: top }
    this.#become(level, 'command', false)
  }

  /**
   * What traffic saw: a connection that came about, or a loss. With `observe` it is counted, and enough losses in a
   * row do what `on-error` says. Without, a loss asks for a check now (a tenth of `inter` after the last one began at
   * the earliest): a dead server is found sooner, and it is still checks that decide.
   */
  observe(isLoss: boolean): void {
    const { observe, check } = this.#options
    this.#losses = isLoss ? this.#losses + 1 : 0
    if (!isLoss) return
    if (observe === undefined) {
      this.#hurry(Math.max(0, this.#beganAt + check.interMs / earliest - performance.now()))
    } else if (this.#losses >= observe.errorLimit) {
      this.#lost(observe)
    }
  }

  #lost({ onError, errorLimit }: NonNullable<ServerConfig['observe']>): void {
    const { check } = this.#options
    this.#losses = 0
    this.#counts = { ...this.#counts, observed: this.#counts.observed + 1 }
    const level = afterLosses(this.#level, check, onError)
    this.#hurry(check.fastinterMs)
    if (level !== undefined) this.#judge(level, lossesResult(errorLimit), 'observe')
  }

  #due(ms: number): void {
    clearTimeout(this.#timer)
    this.#dueAt = performance.now() + ms
    this.#timer = setTimeout(() => void this.#look(), ms)
    this.#timer.unref()
  }

  /** Not later than that; nothing is under way that would tell as much. */
  #hurry(ms: number): void {
    if (this.#isStarted && !this.isChecking && performance.now() + ms < this.#dueAt) this.#due(ms)
  }

  async #look(): Promise<void> {
    const { check, method, timeouts, run = runCheck } = this.#options
    const server = this.#options.target()
    if (server === undefined) return this.#due(this.#untilNext(this.#level))
    const running = new AbortController()
    this.#running = running
    this.#beganAt = performance.now()
    const options = { target: checkTargetOf(server, check), method, check, ...timeoutsOf(check, timeouts) }
    const result = await run({ ...options, isUp: this.#level.status !== 'down', signal: running.signal })
    if (this.#running !== running) return // stopped meanwhile
    this.#running = undefined
    if (isPass(result)) this.#losses = 0
    const level = levelAfter(this.#level, this.#options.check, result)
    this.#due(this.#untilNext(level))
    this.#judge(level, result, 'check')
  }

  #untilNext(level: Level): number {
    const { check, spreadPercent = 0, random = Math.random } = this.#options
    return spread(intervalOf(level, check), spreadPercent, random)
  }

  #judge(level: Level, result: CheckResult, cause: 'check' | 'observe'): void {
    const isNews = result.status !== this.#last?.status || level.level !== this.#level.level
    this.#last = result
    if (level.level < this.#level.level) this.#counts = { ...this.#counts, failed: this.#counts.failed + 1 }
    this.#become(level, cause, isNews)
  }

  #become(level: Level, cause: HealthEvent['cause'], isNews: boolean): void {
    const before = this.#level.status
    const changed = level.status !== before
    this.#level = level
    if (changed && level.status === 'down') this.#counts = { ...this.#counts, downs: this.#counts.downs + 1 }
    this.#options.onChange?.({ health: this.health, cause, before, changed, isNews })
  }
}
