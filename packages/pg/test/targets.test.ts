import { type ExhaustedError, InvalidError } from '@tourniquet/core'
import { freePort, type PostgresServer, startPostgres, startPostgresPair, waitFor } from '@tourniquet/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PgRoundRobin, type PgRoundRobinOptions, type TargetSessionAttrs } from '../src/index.ts'
import { askPsql } from './psql.ts'
import { ended } from './two-servers.ts'

const targets = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const
const quick = { backoff: { initialMs: 1, maxMs: 10 } }

type Role = 'primary' | 'standby' | 'read-only primary' | 'dead'
interface Place {
  readonly host: string
  readonly port: number
}

/** A URL of libpq with many hosts. */
function urlOf(places: readonly Place[], words = ''): string {
  return `postgresql://postgres@${places.map(({ host, port }) => `${host}:${port}`).join()}/postgres?${words}`
}

/** The port of the server that a query goes to. */
async function portOf(sources: string | string[], options: PgRoundRobinOptions = {}): Promise<string> {
  await using rr = new PgRoundRobin(sources, { ...quick, ...options })
  return (await rr.query('show port')).rows[0].port
}

async function failureOf(sources: string | string[], options: PgRoundRobinOptions = {}): Promise<ExhaustedError> {
  const { error } = await ended(portOf(sources, options))
  return error as unknown as ExhaustedError
}

/** What each attempt was told, in the words of the error and in those of its message. */
function wordsOf({ attempts, message }: ExhaustedError): { said: string[]; short: string[] } {
  return {
    said: attempts.map(({ error }) => (error as Error).message),
    short: message
      .replace(/.*; tried /, '')
      .split(', ')
      .map((each) => each.replace(/.* \((.*)\)/, '$1')),
  }
}

describe('target_session_attrs', () => {
  const servers = new Map<Role, PostgresServer>()
  let deadPort: number

  beforeAll(async () => {
    const [pair, readOnly, port] = await Promise.all([
      startPostgresPair(),
      startPostgres({ name: 'read-only', settings: { default_transaction_read_only: 'on' } }),
      freePort(),
    ])
    servers.set('primary', pair.primary).set('standby', pair.standby).set('read-only primary', readOnly)
    deadPort = port
  })
  afterAll(async () => {
    await Promise.all([...servers.values()].map((server) => server[Symbol.asyncDispose]()))
  })

  function placesOf(roles: readonly Role[]): Place[] {
    return roles.map((role) => servers.get(role) ?? { host: '127.0.0.1', port: deadPort })
  }

  function nameOf(port: string | undefined): Role | undefined {
    return [...servers].find(([, server]) => String(server.port) === port)?.[0]
  }

  const lists: readonly (readonly Role[])[] = [
    ['standby', 'primary'],
    ['primary', 'standby'],
    ['dead', 'standby', 'primary'],
    ['standby'],
    ['primary'],
    ['read-only primary'],
    ['standby', 'read-only primary'],
    ['read-only primary', 'standby'],
    ['read-only primary', 'primary'],
    ['dead'],
  ]
  const cases = lists.flatMap((roles) => targets.map((target) => ({ roles, target, list: roles.join(', ') })))

  it.each(cases)('$target of [$list]: the answer of psql, by URL and by option', async ({ roles, target }) => {
    const places = placesOf(roles)
    const url = urlOf(places, `target_session_attrs=${target}`)
    const [theirs, byUrl, byOption] = await Promise.all([
      askPsql(url, 'show port'),
      ended(portOf(url)),
      ended(
        portOf(
          places.map((place) => urlOf([place])),
          { targetSessionAttrs: target },
        ),
      ),
    ])
    expect([nameOf(byUrl.value), nameOf(byOption.value)]).toEqual([nameOf(theirs.value), nameOf(theirs.value)])
    if (theirs.value === undefined) {
      for (const { error } of [byUrl, byOption]) expect(error?.code).toBe('TOURNIQUET_EXHAUSTED')
    }
  })

  it.each([{ roles: ['dead', 'primary'] }, { roles: ['dead', 'read-only primary'] }] satisfies {
    roles: readonly Role[]
  }[])('prefer-standby without a standby takes a second round, as with psql: $roles', async ({ roles }) => {
    const url = urlOf(placesOf(roles), 'target_session_attrs=prefer-standby')
    const theirs = await askPsql(url, 'show port')
    expect(nameOf(theirs.value)).toBe(roles[1])
    expect(nameOf(await portOf(url))).toBe(roles[1])
  })

  describe('no host has the wanted role: the error says what each one is', () => {
    it.each<[TargetSessionAttrs, readonly Role[], string[], string[]]>([
      ['standby', ['primary'], ['IS_PRIMARY'], ['a primary that takes writes']],
      ['primary', ['standby'], ['IS_STANDBY'], ['a standby']],
      ['read-write', ['standby', 'read-only primary'], ['IS_STANDBY', 'IS_READ_ONLY'], ['a standby', 'read-only']],
      ['read-only', ['primary', 'dead'], ['IS_PRIMARY', 'ECONNREFUSED'], ['a primary that takes writes', '']],
      ['standby', ['read-only primary'], ['IS_READ_ONLY'], ['read-only']],
    ])('%s of %j', async (target, roles, codes, words) => {
      const places = placesOf(roles)
      const error = await failureOf(urlOf(places, `target_session_attrs=${target}`), { maxAttempts: roles.length })
      expect(error).toMatchObject({ code: 'TOURNIQUET_EXHAUSTED', outcome: 'not-applied' })
      const { said, short } = wordsOf(error)
      expect(short).toEqual(codes)
      const expected = places.map(({ host, port }, at) =>
        words[at]
          ? `${host}:${port} is ${words[at]}, and target_session_attrs asks for ${target}`
          : expect.stringContaining('ECONNREFUSED'),
      )
      expect(said).toEqual(expected)
      expect(error.attempts.map(({ provider }) => provider)).toEqual(places.map(({ host, port }) => `${host}:${port}`))
    })

    it('rr.pool() says the same, and says it at once', async () => {
      const [place] = placesOf(['standby']) as [Place]
      await using rr = new PgRoundRobin(urlOf([place], 'target_session_attrs=primary'), quick)
      const pool = rr.pool()
      for (const ask of [() => pool.query('select 1'), () => pool.connect(), () => new rr.Client().connect()]) {
        const { error } = await ended<unknown>(ask())
        expect(error?.message).toMatch(/IS_STANDBY/)
        expect(error).toMatchObject({ outcome: 'not-applied' })
      }
    })
  })

  it('the option wins over the URL', async () => {
    const url = urlOf(placesOf(['primary', 'standby']), 'target_session_attrs=primary')
    expect(nameOf(await portOf(url, { targetSessionAttrs: 'standby' }))).toBe('standby')
  })

  it('of a list, no source may have its own', () => {
    const [place] = placesOf(['primary']) as [Place]
    const own = () => new PgRoundRobin([urlOf([place], 'target_session_attrs=primary')])
    expect(own).toThrow(InvalidError)
    expect(own).toThrow(/give it as the option targetSessionAttrs/)
  })

  it('every client and pool of a round-robin goes to a server of that role', async () => {
    await using rr = new PgRoundRobin(urlOf(placesOf(['primary', 'standby']), 'target_session_attrs=standby'), quick)
    const client = new rr.Client()
    await client.connect()
    const pool = new rr.driver.Pool()
    const answers = [await client.query('show port'), await pool.query('show port'), await rr.pool().query('show port')]
    expect(answers.map(({ rows }) => nameOf(rows[0].port))).toEqual(['standby', 'standby', 'standby'])
    await Promise.all([client.end(), pool.end()])
  })

  it('a write on a standby that was asked for is the caller’s own mistake, and moves nothing', async () => {
    await using rr = new PgRoundRobin(urlOf(placesOf(['standby', 'primary']), 'target_session_attrs=standby'), quick)
    const { error } = await ended(rr.query('create table no ()'))
    expect(error).toMatchObject({ code: '25006' })
    expect(nameOf((await rr.query('show port')).rows[0].port)).toBe('standby')
  })
})

describe('prefer-standby', () => {
  const preferring: PgRoundRobinOptions = { ...quick, targetSessionAttrs: 'prefer-standby', heartbeatMs: 20 }
  const asked = async (rr: PgRoundRobin) => (await rr.query('show port', [], { idempotent: true })).rows[0].port

  it('the standby is lost: the primary, until that is lost, too; and then the standby that is back', async () => {
    await using pair = await startPostgresPair()
    const { primary, standby } = pair
    await using rr = new PgRoundRobin([primary.url, standby.url], preferring)
    expect(await asked(rr)).toBe(String(standby.port))
    await standby.kill()
    expect(await asked(rr)).toBe(String(primary.port))
    await standby.restart()
    // Sticky: a primary that is well is not left because a standby came up.
    expect(await asked(rr)).toBe(String(primary.port))
    await primary.kill()
    expect(await asked(rr)).toBe(String(standby.port))
  })

  it('with failback, the standby that is back is gone back to', async () => {
    await using pair = await startPostgresPair()
    const { primary, standby } = pair
    const failback = { intervalMs: 20, afterMs: 20 }
    await using rr = new PgRoundRobin([standby.url, primary.url], { ...preferring, failback })
    expect(await asked(rr)).toBe(String(standby.port))
    await standby.kill()
    expect(await asked(rr)).toBe(String(primary.port))
    await standby.restart()
    await waitFor(() => rr.current === standby.url)
    expect(await asked(rr)).toBe(String(standby.port))
  })

  it('with failback, a standby is not left for a primary that stands before it in the list', async () => {
    await using pair = await startPostgresPair()
    const { primary, standby } = pair
    const failback = { intervalMs: 10, afterMs: 10 }
    await using rr = new PgRoundRobin([primary.url, standby.url], { ...preferring, failback })
    expect(await asked(rr)).toBe(String(standby.port))
    const refusals: unknown[] = []
    rr.on('fail', ({ error }) => refusals.push((error as { code?: string }).code))
    await waitFor(() => refusals.length >= 3 || rr.current === primary.url)
    expect([rr.current, new Set(refusals)]).toEqual([standby.url, new Set(['IS_PRIMARY'])])
  })

  it('a standby that is promoted is left for another standby, or stayed with if there is none', async () => {
    await using pair = await startPostgresPair()
    const { primary, standby } = pair
    await using other = await primary.standby({ name: 'other' })
    await using rr = new PgRoundRobin([standby.url, other.url], preferring)
    expect(await asked(rr)).toBe(String(standby.port))
    await standby.promote()
    await waitFor(async () => (await asked(rr)) === String(other.port))
    await other.promote()
    await waitFor(() => rr.current === undefined)
    expect([String(standby.port), String(other.port)]).toContain(await asked(rr))
  })
})

describe('the heartbeat looks after the role', () => {
  it.each<[TargetSessionAttrs, 'promote' | 'read-only']>([
    ['standby', 'promote'],
    ['read-only', 'promote'],
    ['read-write', 'read-only'],
  ])('G11 %s: a server that changes (%s) is left, and its connections with it', async (target, change) => {
    await using pair = await startPostgresPair()
    const { primary, standby } = pair
    await using other = change === 'promote' ? await primary.standby({ name: 'other' }) : await startPostgres()
    const first = change === 'promote' ? standby : primary
    await using rr = new PgRoundRobin([first.url, other.url], { ...quick, targetSessionAttrs: target, heartbeatMs: 20 })
    const pool = rr.pool()
    expect((await pool.query('show port')).rows[0].port).toBe(String(first.port))
    expect(pool.idleCount).toBe(1)
    await (change === 'promote' ? first.promote() : first.setReadOnly(true))
    await waitFor(() => rr.current !== first.url)
    expect(pool.idleCount).toBe(0)
    expect((await pool.query('show port')).rows[0].port).toBe(String(other.port))
  })
})
