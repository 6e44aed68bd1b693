import { waitFor } from '@tourniquet/testkit'
import { describe, expect, test } from 'vitest'
import { greeted, hold, holdAll, namesOf } from '../parts/held.ts'
import { stays } from '../parts/origin.ts'
import { pairOfFile } from '../parts/pair.ts'
import type { Stage } from '../parts/stage.ts'

const sections = ['states', 'weights', 'disabled', 'killed', 'checked', 'alone', 'limits', 'address']

const pair = pairOfFile({
  origins: { a: stays('a'), b: stays('b') },
  defaults: 'timeout queue 300ms',
  config: (at) => `${sections
    .filter((section) => section !== 'alone')
    .map((section) => {
      const words = section === 'checked' ? 'check inter 100ms' : section === 'weights' ? 'weight 4' : ''
      return `listen ${section}\n  bind ${at(section)}\n  server a ${at('a')} ${words}\n  server b ${at('b')} ${words}\n`
    })
    .join('')}
listen alone
  bind ${at('alone')}
  server a ${at('a')}
`,
})

/** What becomes of an established connection, and who gets the next ones, after each of these commands. */
async function after(stage: Stage, section: string, commands: readonly string[]) {
  const seen: string[] = []
  const held = await holdAll(stage, section, 2)
  for (const command of commands) {
    const answer = (await stage.admin(command)).trim()
    const names: string[] = []
    for (let at = 0; at < 4; at++) names.push(await greeted(stage.port(section)))
    const stay = held.map(({ client }) => (client.hasEnded ? 'ended' : 'there'))
    seen.push(`${command}: ${answer} | ${names.sort().join('')} | ${stay}`)
  }
  for (const each of held) await each.release()
  return seen
}

const cases: [string, string[]][] = [
  [
    'states',
    ['drain', 'ready', 'maint', 'ready', 'maint', 'drain'].map((state) => `set server states/a state ${state}`),
  ],
  [
    'disabled',
    ['disable server disabled/a', 'disable server disabled/b', 'enable server disabled/a', 'enable server disabled/b'],
  ],
  ['checked', ['set server checked/a state drain', 'set server checked/a state ready', 'disable server checked/b']],
  [
    'alone',
    [
      'set server alone/a state drain',
      'set server alone/a state ready',
      'set weight alone/a 0',
      'set weight alone/a 1',
    ],
  ],
]

describe('commands on the runtime socket', () => {
  test.each(cases)('%s: statuses, new connections, established ones', async (section, commands) => {
    for (const command of commands) {
      const { haproxy, alacrity } = await pair.both((stage) => after(stage, section, [command]))
      expect(alacrity).toEqual(haproxy)
      await pair.sameRows(section)
    }
  })

  test.each(['1', '0', '50%', '100%', '256', '0%', '3', '300', '-1', 'x'])('set weight %s', async (weight) => {
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      const refusal = await stage.admin(`set weight weights/a ${weight}`)
      const shown = await stage.admin('get weight weights/a')
      // Whose turn it is after a change is nobody's business; who has none is.
      const names = new Set<string>()
      for (let at = 0; at < 10; at++) names.add(await greeted(stage.port('weights')))
      const states = await Promise.all(
        ['a', 'b', 'BACKEND'].map(async (server) => {
          const { status, weight, uweight, act, bck } = await stage.row('weights', server)
          return { status, weight, uweight, act, bck }
        }),
      )
      return { isRefused: refusal.trim() !== '', shown, states, names: weight.startsWith('0') ? [...names] : [] }
    })
    expect(alacrity).toEqual(haproxy)
  })

  test('shutdown sessions server: ends them all, and only those', async () => {
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      const held = await holdAll(stage, 'killed', 4)
      await stage.admin('shutdown sessions server killed/a')
      const ofA = held.filter(({ name }) => name === 'a')
      const hows = await Promise.all(ofA.map(async ({ client }) => (await client.over).how))
      const others = held.filter(({ name }) => name === 'b').map(({ client }) => client.hasEnded)
      for (const each of held) await each.release()
      return { hows, others }
    })
    expect(alacrity).toEqual(haproxy)
    expect(alacrity.others).toEqual([false, false])
    await pair.sameRows('killed')
  })

  test('set maxconn: of a server and of a frontend', async () => {
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      await stage.admin('set maxconn server limits/a 1')
      await stage.admin('set server limits/b state maint')
      const held = await holdAll(stage, 'limits', 1)
      const refused = await greeted(stage.port('limits'))
      await stage.admin('set maxconn server limits/a 2')
      const more = await hold(stage.port('limits'))
      await stage.admin('set maxconn frontend limits 3')
      for (const each of [...held, more]) await each.release()
      return [refused, namesOf([more])]
    })
    expect(alacrity).toEqual(haproxy)
    await pair.sameRows('limits')
  })

  test('set server addr: new connections go there', async () => {
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      await stage.admin('set server address/b state maint')
      const answer = await stage.admin(`set server address/a addr 127.0.0.1 port ${stage.port('b')}`)
      await waitFor(async () => (await stage.row('address', 'a')).addr?.endsWith(`${stage.port('b')}`), { what: 'it' })
      return { answer: answer.replaceAll(/\d{5}/g, 'port').trim(), name: await greeted(stage.port('address')) }
    })
    expect(alacrity).toEqual(haproxy)
    await pair.sameRows('address')
  })

  test('disable and enable frontend', async () => {
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      const words: string[] = []
      for (const command of ['disable frontend alone', 'enable frontend alone']) {
        words.push((await stage.admin(command)).trim(), (await stage.row('alone', 'FRONTEND')).status as string)
        words.push(await greeted(stage.port('alone')))
      }
      return words
    })
    expect(alacrity).toEqual(haproxy)
  })
})
