import { type PostgresPair, startPostgresPair, waitFor } from '@tourniquet/testkit'
import { describe, it } from 'vitest'
import type { PgRoundRobin } from '../../src/index.ts'
import { nobodyIsConnected, overBoth } from './app.ts'

/** Does a job; the library gives it the job's name. */
export type Task = (name: string) => Promise<void>

/** A queue of one library, with workers that do what is in it. */
export interface Jobs {
  add(name: string): Promise<unknown>
  /** Frees jobs whose worker is lost, which the library does by itself only after a long time. */
  unlock(): Promise<unknown>
  end(): Promise<unknown>
}

const named = (when: string) => Array.from({ length: 20 }, (_, index) => `${when} ${index}`)

/** Jobs are added and done on a primary and its standby, which takes over. */
export function describeJobs(library: string, open: (rr: PgRoundRobin, task: Task) => Promise<Jobs>): void {
  describe(library, () => {
    it('does the jobs that were added before, through and after a failover', async () => {
      await using pair = await startPostgresPair({ synchronous: true })
      await using rr = overBoth(pair)
      const done = new Set<string>()
      const gate = newGate()
      const jobs = await open(rr, async (name) => {
        await gate.passed
        done.add(name)
      })
      for (const name of named('before')) await jobs.add(name)
      await waitFor(() => gate.waiting() > 0) // some are under way when the primary is lost
      await failOver(pair)
      const added = await addAgainAndAgain(jobs, named('through'))
      gate.open()
      for (const name of named('after')) await jobs.add(name)
      const all = [...named('before'), ...added, ...named('after')]
      await waitFor(() => all.every((name) => done.has(name)), { timeoutMs: 30_000 })
      await jobs.end()
      await rr.close()
      await nobodyIsConnected(pair.standby)
    })

    // Neither library waits for the answer when it says that a job is done: if just that is lost, the rejection is nobody's.
    it('does all jobs where the primary is lost between any two of them, with a handler for what the library leaves', async () => {
      await using pair = await startPostgresPair({ synchronous: true })
      await using rr = overBoth(pair)
      using _left = unhandledRejections()
      const done = new Set<string>()
      const jobs = await open(rr, async (name) => void done.add(name))
      const added: string[] = []
      let most = Number.POSITIVE_INFINITY
      const adding = addUntil(jobs, added, () => added.length >= most)
      await waitFor(() => done.size >= 50)
      await failOver(pair)
      most = added.length + 50
      await adding
      await jobs.unlock()
      await waitFor(() => added.every((name) => done.has(name)), { timeoutMs: 30_000 })
      await jobs.end()
    })
  })
}

async function failOver({ primary, standby }: PostgresPair): Promise<void> {
  await primary.kill()
  await standby.promote()
}

interface Gate {
  readonly passed: Promise<void>
  /** How many stand before it. */
  waiting(): number
  open(): void
}

function newGate(): Gate {
  let open = () => {}
  let waiting = 0
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return {
    get passed() {
      waiting++
      return opened
    },
    waiting: () => waiting,
    open: () => open(),
  }
}

/** A program that asks for a job again where it was told that this failed. */
async function addAgainAndAgain(jobs: Jobs, names: readonly string[]): Promise<readonly string[]> {
  for (const name of names) await waitFor(async () => jobs.add(name).then(() => true))
  return names
}

/** Adds one after another; those that were acknowledged are in `added`. */
async function addUntil(jobs: Jobs, added: string[], isEnough: () => boolean): Promise<void> {
  for (let count = 0; !isEnough(); count++) {
    const isAdded = await jobs.add(`job ${count}`).then(
      () => true,
      () => false, // the program logs it
    )
    if (isAdded) added.push(`job ${count}`)
  }
}

/** As an application has it that goes on after a rejection which nobody has handled. */
function unhandledRejections(): Disposable {
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', () => {})
  return {
    [Symbol.dispose]() {
      process.removeAllListeners('unhandledRejection')
      for (const each of others) process.on('unhandledRejection', each)
    },
  }
}
