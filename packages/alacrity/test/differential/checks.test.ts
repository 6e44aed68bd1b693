import { waitFor } from '@tourniquet/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { greeted, hold } from '../parts/held.ts'
import { type Origin, startOrigin, stays } from '../parts/origin.ts'
import { pairOfFile } from '../parts/pair.ts'
import type { Stage } from '../parts/stage.ts'

const servers = ['away', 'cut', 'backup-cut', 'slow', 'lone', 'second']
const origins = Object.fromEntries(servers.map((name) => [name, stays(name)]))

const again: Origin[] = []
const pair = pairOfFile({
  origins: { ...origins, other: stays('other') },
  config: (at) => `listen away
  bind ${at('away-front')}
  server s ${at('away')} check inter 500ms rise 3 fall 3
  server other ${at('other')} backup
listen cut
  bind ${at('cut-front')}
  server s ${at('cut')} check inter 150ms rise 1 fall 1 on-marked-down shutdown-sessions
  server other ${at('other')} backup
listen backup-cut
  bind ${at('backup-cut-front')}
  server s ${at('backup-cut')} check inter 150ms rise 1 fall 1 on-marked-up shutdown-backup-sessions
  server other ${at('other')} backup
listen slow
  bind ${at('slow-front')}
  server s ${at('slow')} check inter 150ms rise 1 fall 1 slowstart 6s weight 100
  server other ${at('other')} backup
listen lone
  bind ${at('lone-front')}
  server s ${at('lone')} check inter 150ms rise 1 fall 1
  server second ${at('second')} check inter 150ms rise 1 fall 1 backup
`,
})
afterAll(async () => {
  for (const origin of again) await origin[Symbol.asyncDispose]()
})

const stops = (stage: Stage, name: string) => stage.origin(name)[Symbol.asyncDispose]()

async function startsAgain(stage: Stage, name: string): Promise<void> {
  again.push(await startOrigin(stays(name), stage.port(name)))
}

/** Every state that a server goes through until the last one. */
async function states(stage: Stage, section: string, last: string): Promise<string[]> {
  const seen: string[] = []
  await waitFor(
    async () => {
      const { status, check_status, last_chk, check_health } = await stage.row(section, 's')
      const state = `${status} ${check_status} ${check_health} ${last_chk}`
      // While a check is under way HAProxy shows half of the last one.
      if (!check_status?.startsWith('* ') && seen.at(-1) !== state) seen.push(state)
      return status === last
    },
    { what: `${last} of ${section} in ${stage.name}` },
  )
  return seen
}

const isUp = (stage: Stage, section: string) =>
  waitFor(async () => (await stage.row(section, 's')).check_status === 'L4OK', { what: 'the first check' })

describe('servers that go and come', () => {
  test('away: each step down and up again', async () => {
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      await isUp(stage, 'away')
      await stops(stage, 'away')
      // Whether the last good check is still seen is a matter of moments.
      const down = (await states(stage, 'away', 'DOWN')).filter((state) => !state.startsWith('UP L4OK'))
      const whileDown = await greeted(stage.port('away-front'))
      const since = Number((await stage.row('away', 's')).lastchg)
      await startsAgain(stage, 'away')
      // Whether the last bad check is still seen is a matter of moments.
      const up = (await states(stage, 'away', 'UP')).filter((state) => !state.startsWith('DOWN L4CON'))
      const { chkfail, chkdown } = await stage.row('away', 's')
      return { down, whileDown, since: since < 3, up, chkfail, chkdown, after: await greeted(stage.port('away-front')) }
    })
    expect(alacrity).toEqual(haproxy)
    await pair.sameRows('away')
  })

  test('on-marked-down shutdown-sessions', async () => {
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      await isUp(stage, 'cut')
      const held = await hold(stage.port('cut-front'))
      // It takes no more connections, and keeps those that it has.
      stage.origin('cut').refuse()
      const { how } = await held.client.over
      await held.release()
      return { how, status: (await stage.row('cut', 's')).status, next: await greeted(stage.port('cut-front')) }
    })
    expect(alacrity).toEqual(haproxy)
    await pair.sameRows('cut')
  })

  test('on-marked-up shutdown-backup-sessions', async () => {
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      await isUp(stage, 'backup-cut')
      await stops(stage, 'backup-cut')
      await states(stage, 'backup-cut', 'DOWN')
      const held = await hold(stage.port('backup-cut-front'))
      await startsAgain(stage, 'backup-cut')
      const { how } = await held.client.over
      await held.release()
      return { first: held.name, how, next: await greeted(stage.port('backup-cut-front')) }
    })
    expect(alacrity).toEqual(haproxy)
    await pair.sameRows('backup-cut')
  })

  test('slowstart: throttled at first, then not', async () => {
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      await isUp(stage, 'slow')
      const before = (await stage.row('slow', 's')).throttle
      await stops(stage, 'slow')
      await states(stage, 'slow', 'DOWN')
      const whileDown = (await stage.row('slow', 's')).throttle
      await startsAgain(stage, 'slow')
      await states(stage, 'slow', 'UP')
      const seen: number[] = []
      await waitFor(
        async () => {
          const { throttle, weight } = await stage.row('slow', 's')
          if (throttle !== '' && Number(throttle) !== seen.at(-1)) seen.push(Number(throttle))
          return throttle === '' && weight === '100'
        },
        { timeoutMs: 30_000, what: 'the end of the slow start' },
      )
      const isGrowing = seen.every((value, at) => at === 0 || value > (seen[at - 1] as number))
      return { before, whileDown, isGrowing, isLow: (seen[0] ?? 100) < 50, isThere: seen.length > 0 }
    })
    expect(alacrity).toEqual(haproxy)
    expect(alacrity).toMatchObject({ isGrowing: true, isLow: true, isThere: true })
    await pair.sameRows('slow')
  })

  test('who watches the process reads that servers go down, and that none is left', async () => {
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      for (const [at, name] of ['lone', 'second'].entries()) {
        await stops(stage, name)
        await waitFor(() => stage.logged('is DOWN').filter((line) => line.includes('Server lone/')).length === at + 1)
      }
      await waitFor(() => stage.logged('no server available').length > 0)
      const lines = stage.logged('').filter((line) => /Server lone\/|proxy '?lone/.test(line))
      return lines.map((line) =>
        line
          .replace(/^(\[\w+\] +\(\d+\) : |alacrity: )/, '')
          .replaceAll("'", '')
          .replace(/duration: \d+ms/, 'duration'),
      )
    })
    expect(alacrity).toEqual(haproxy)
    expect(alacrity).toHaveLength(3)
  })
})
