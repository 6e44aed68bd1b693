import { ExhaustedError, OutcomeUnknownError, TourniquetError } from '@tourniquet/core'
import { type PostgresPair, type PostgresServer, startPostgresPair, waitFor } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'
import { PgRoundRobin, type PgRoundRobinOptions } from '../../src/index.ts'

/** A small program that keeps notes, in the words of one library. It knows of no failover. */
export interface App {
  createTable(): Promise<unknown>
  insert(id: string, note: string): Promise<unknown>
  find(id: string): Promise<string | undefined>
  update(id: string, note: string): Promise<unknown>
  remove(id: string): Promise<unknown>
  /** All of them in one transaction, and what is done before it is committed. */
  insertAll(ids: readonly string[], before: () => Promise<void>): Promise<unknown>
  end(): Promise<unknown>
}

/** One write, as the program has logged it. */
interface Entry {
  readonly id: string
  /** What the library threw, if it did. */
  readonly error?: unknown
  readonly at: number
}

/** A rest between two rounds takes no longer. */
const restMs = 200
/** Goes on as if nothing were amiss. A time below is three times what is generous. */
const mostMs = 3 * (restMs + 1000)

/** A round-robin over a primary and its standby, as an application makes it. */
export function overBoth({ primary, standby }: PostgresPair, options: PgRoundRobinOptions = {}): PgRoundRobin {
  const ours: PgRoundRobinOptions = { targetSessionAttrs: 'read-write', backoff: { maxMs: restMs } }
  return new PgRoundRobin([primary.url, standby.url], { ...ours, ...options })
}

/**
 * Runs a program on a primary and its standby: before the primary is killed, while it is, and after.
 * Whatever ends a process, such as an error that nobody handles, fails the run of vitest.
 */
export function describeApp(library: string, open: (rr: PgRoundRobin) => App | Promise<App>): void {
  describe(library, () => {
    it('writes through a failover: no row is lost or there twice, no code knows of it', async () => {
      await using pair = await startPostgresPair({ synchronous: true })
      await using rr = overBoth(pair)
      const app = await open(rr)
      await app.createTable()
      await serves(app, 'before')
      const log = await writesThroughFailover(app, pair)
      await serves(app, 'after')
      await isTrue(log, pair.standby)
      await app.end()
      await rr.close()
      await nobodyIsConnected(pair.standby)
    })

    it('goes on elsewhere when its server turns read-only, though it loses no connection', async () => {
      await using pair = await startPostgresPair()
      const { primary, standby } = pair
      await using rr = overBoth(pair)
      const app = await open(rr)
      await app.createTable()
      await Promise.all([1, 2, 3, 4].map((each) => app.insert(`open ${each}`, 'in a session of its own')))
      await waitFor(async () => (await standby.query('select id from notes')).length === 4)
      await standby.promote()
      await primary.setReadOnly(true)
      const demoted = performance.now()
      await waitFor(async () => await app.insert('moved', 'written').then(() => true))
      expect(performance.now() - demoted).toBeLessThan(mostMs)
      await serves(app, 'after')
      await app.end()
    })
  })
}

/** Creates, reads, updates and deletes; commits a transaction, and rolls one back. */
async function serves(app: App, when: string): Promise<void> {
  const [one, two, three, four] = [1, 2, 3, 4].map((each) => `${when} ${each}`) as [string, string, string, string]
  await app.insert(one, 'first')
  expect(await app.find(one)).toBe('first')
  await app.update(one, 'second')
  expect(await app.find(one)).toBe('second')
  await app.remove(one)
  expect(await app.find(one)).toBeUndefined()

  await app.insertAll([one, two], async () => expect(await app.find(one)).toBeUndefined())
  expect([await app.find(one), await app.find(two)]).toEqual(['in a transaction', 'in a transaction'])
  const rollback = new Error('rolled back by the program')
  await expect(app.insertAll([three, four], () => Promise.reject(rollback))).rejects.toThrow(rollback.message)
  expect([await app.find(three), await app.find(four)]).toEqual([undefined, undefined])

  const duplicate = await app.insert(one, 'again').catch((error: unknown) => error)
  expect(causes(duplicate).some(isDuplicate)).toBe(true)
}

/** Four write at a time: the primary is killed, its standby promoted, and all of them get on with it. */
async function writesThroughFailover(app: App, { primary, standby }: PostgresPair): Promise<readonly Entry[]> {
  const writing = startWriters(app)
  const { log } = writing
  const begun = performance.now()
  try {
    await waitFor(() => writing.since(begun).length >= 100, { what: 'rows to be written' })
    await primary.kill()
    const killed = performance.now()
    await standby.promote()
    const promoted = performance.now()
    await waitFor(() => writing.since(promoted).length >= 100, { what: 'rows to be written again', timeoutMs: 20_000 })
    const gapMs = (writing.since(killed)[0] as Entry).at - promoted
    report(log, gapMs, promoted - killed)
    expect(gapMs).toBeLessThan(mostMs)
  } finally {
    await writing.stop()
  }
  return log
}

interface Writing {
  readonly log: readonly Entry[]
  /** What was written, and acknowledged, after that. */
  since(at: number): Entry[]
  stop(): Promise<void>
}

function startWriters(app: App): Writing {
  const log: Entry[] = []
  let isOver = false
  const write = async (id: string): Promise<void> => {
    try {
      await app.insert(id, 'written')
      log.push({ id, at: performance.now() })
    } catch (error) {
      log.push({ id, error, at: performance.now() })
      // Who tries again without this is looked at in plain.test.ts, in a process of its own that can be ended.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const writers = [1, 2, 3, 4].map(async (writer) => {
    for (let count = 0; !isOver; count++) await write(`row ${writer}-${count}`)
  })
  return {
    log,
    since: (at) => log.filter((entry) => entry.error === undefined && entry.at > at),
    stop: async () => {
      isOver = true
      await Promise.all(writers)
    },
  }
}

/** What was acknowledged is there, what was refused is not, and what nobody can know is there at most once. */
async function isTrue(log: readonly Entry[], server: PostgresServer): Promise<void> {
  const found = (await server.query("select id from notes where id like 'row %'")).map(([id]) => id as string)
  const there = new Set(found)
  expect(found.length).toBe(there.size)
  const acknowledged = log.filter(({ error }) => error === undefined)
  expect(acknowledged.filter(({ id }) => !there.has(id))).toEqual([])
  const refused = log.filter(({ error }) => error !== undefined && wasNotApplied(error))
  expect(refused.filter(({ id }) => there.has(id))).toEqual([])
}

/** All sessions of the program are closed. */
export async function nobodyIsConnected(server: PostgresServer): Promise<void> {
  const others = "backend_type = 'client backend' and pid <> pg_backend_pid()"
  const sessions = async () => await server.query(`select application_name from pg_stat_activity where ${others}`)
  await waitFor(async () => (await sessions()).length === 0, { what: `no session to be left on ${server.name}` })
}

/** An error, and what libraries have wrapped in it. */
function causes(error: unknown): Error[] {
  if (!(error instanceof Error)) return []
  const { cause, parent, original } = error as Error & { parent?: unknown; original?: unknown }
  return [error, ...causes(cause ?? parent ?? original)]
}

/** Whether an error is one of ours that says so. */
function wasNotApplied(error: unknown): boolean {
  const [ours] = causes(error).filter((each): each is TourniquetError => each instanceof TourniquetError)
  return ours?.outcome === 'not-applied'
}

function isDuplicate(error: Error): boolean {
  return (error as { code?: unknown }).code === '23505' || /unique/i.test(error.message)
}

/** For who wants to know the figures: `FIGURES=1 npx vitest …`. */
function report(log: readonly Entry[], gapMs: number, promotionMs: number): void {
  if (!process.env.FIGURES) return
  const kinds = new Map<string, number>()
  for (const { error } of log) if (error) kinds.set(kindOf(error), (kinds.get(kindOf(error)) ?? 0) + 1)
  const acknowledged = log.filter(({ error }) => !error).length
  console.log({ gapMs, promotionMs, acknowledged, failed: Object.fromEntries(kinds) })
}

function kindOf(error: unknown): string {
  return causes(error)
    .map((each) => {
      const { code, outcome } = each as Error & { code?: string; outcome?: string }
      const what = each instanceof OutcomeUnknownError || each instanceof ExhaustedError ? '' : ` ${each.message}`
      return `${each.name} ${code ?? ''} ${outcome ?? ''}${what.slice(0, 150)}`
    })
    .join(' < ')
}
