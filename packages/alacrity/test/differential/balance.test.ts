import { waitFor } from '@tourniquet/testkit'
import { describe, expect, test } from 'vitest'
import { greeted, holdAll, namesOf } from '../parts/held.ts'
import { stays } from '../parts/origin.ts'
import { pairOfFile } from '../parts/pair.ts'
import type { Stage } from '../parts/stage.ts'

const servers = (at: (name: string) => string, ...words: string[]) =>
  ['a', 'b', 'c'].map((name, index) => `  server ${name} ${at(name)} ${words[index] ?? ''}\n`).join('')

const pair = pairOfFile({
  origins: { a: stays('a'), b: stays('b'), c: stays('c') },
  config: (at) => `listen equal
  bind ${at('equal')}
${servers(at)}
listen weights
  bind ${at('weights')}
${servers(at, 'weight 5', 'weight 3', 'weight 2')}
listen nothing
  bind ${at('nothing')}
${servers(at, 'weight 0', '', 'disabled')}
listen static
  bind ${at('static')}
  balance static-rr
${servers(at, 'weight 2', '', 'weight 3')}
listen least
  bind ${at('least')}
  balance leastconn
${servers(at, '', 'weight 2')}
listen source
  bind ${at('source')}
  balance source
${servers(at, 'weight 3', 'weight 2')}
listen source-full
  bind ${at('source-full')}
  balance source
  timeout queue 300ms
${servers(at, 'maxconn 1', 'maxconn 1', 'maxconn 1')}
listen first
  bind ${at('first')}
  balance first
${servers(at, 'maxconn 2', 'maxconn 1')}
listen first-id
  bind ${at('first-id')}
  balance first
${servers(at, 'id 30', 'id 20', 'id 10')}
listen random
  bind ${at('random')}
  balance random
${servers(at, 'weight 6', 'weight 3')}
listen backup
  bind ${at('backup')}
${servers(at, 'disabled', 'backup', 'backup')}
listen backup-idle
  bind ${at('backup-idle')}
${servers(at, '', 'backup', 'backup')}
listen allbackups
  bind ${at('allbackups')}
  option allbackups
${servers(at, 'disabled', 'backup', 'backup weight 2')}
`,
})

/** Who is chosen by so many connections, one after the other; each has left before the next comes. */
async function sequence(stage: Stage, section: string, count: number): Promise<string> {
  const names: string[] = []
  for (let at = 0; at < count; at++) {
    names.push(await greeted(stage.port(section)))
    await waitFor(async () => (await stage.row(section, 'BACKEND')).scur === '0', { what: 'its end' })
  }
  return names.join(' ')
}

/** How often each is chosen. */
async function shares(stage: Stage, section: string, count: number): Promise<Record<string, number>> {
  const shares: Record<string, number> = {}
  for (const name of (await sequence(stage, section, count)).split(' ')) shares[name] = (shares[name] ?? 0) + 1
  return shares
}

describe('who is chosen', () => {
  test.each(['equal', 'nothing', 'backup', 'backup-idle', 'first-id'])('%s: the same order', async (section) => {
    const { haproxy, alacrity } = await pair.both((stage) => sequence(stage, section, 7))
    expect(alacrity).toEqual(haproxy)
    await pair.sameRows(section)
  })

  test.each(['weights', 'static', 'allbackups'])('%s: the same shares', async (section) => {
    const { haproxy, alacrity } = await pair.both((stage) => shares(stage, section, 30))
    expect(alacrity).toEqual(haproxy)
    await pair.sameRows(section)
  })

  test('leastconn: by the connections that are held', async () => {
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      const held = await holdAll(stage, 'least', 8)
      // Two of a's leave: the next two go there.
      const ofA = held.filter(({ name }) => name === 'a').slice(0, 2)
      for (const each of ofA) await each.release()
      await waitFor(async () => (await stage.row('least', 'a')).scur === '0', { what: 'their end' })
      const next = await holdAll(stage, 'least', 2)
      return { first: namesOf(held), next: namesOf(next), release: [...held, ...next] }
    })
    expect(alacrity.first).toEqual(haproxy.first)
    expect(alacrity.next).toEqual(haproxy.next)
    expect(alacrity.next).toBe('a a')
    for (const each of [...haproxy.release, ...alacrity.release]) await each.release()
    await pair.sameRows('least')
  })

  test('source: the same server for each of twenty addresses', async () => {
    const addresses = Array.from({ length: 20 }, (_, at) => `127.0.${at}.${at * 7 + 1}`)
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      const names: string[] = []
      for (const address of addresses) names.push(await greeted(stage.port('source'), address))
      return names.join(' ')
    })
    expect(alacrity).toBe(haproxy)
    await pair.sameRows('source')
  })

  test('source: who is meant for a full server waits for it', async () => {
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      const held = await holdAll(stage, 'source-full', 2)
      for (const each of held) await each.release()
      return namesOf(held)
    })
    expect(alacrity).toBe(haproxy)
    await pair.sameRows('source-full')
  })

  test('first: fills up one after the other', async () => {
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      const held = await holdAll(stage, 'first', 5)
      for (const each of held) await each.release()
      return namesOf(held)
    })
    expect(alacrity).toBe(haproxy)
    expect(alacrity).toBe('a a b c c')
    await pair.sameRows('first')
  })

  test('random: by weight, about', async () => {
    const { haproxy, alacrity } = await pair.both((stage) => shares(stage, 'random', 100))
    // 6 : 3 : 1; each is within about four standard deviations.
    for (const { a = 0, b = 0, c = 0 } of [haproxy, alacrity]) {
      expect(Math.abs(a - 60)).toBeLessThan(21)
      expect(Math.abs(b - 30)).toBeLessThan(20)
      expect(Math.abs(c - 10)).toBeLessThan(14)
    }
  })
})
