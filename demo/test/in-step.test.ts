import { RoundRobin } from '@tourniquet/core'
import { afterEach, expect, test } from 'vitest'
import { Account } from '../src/account.ts'
import { untilInStep } from '../src/in-step.ts'

const { signal } = new AbortController()
const roundRobins: RoundRobin<string, string>[] = []

function accountOf(name: string, standby: boolean, news: string[]) {
  const roundRobin = new RoundRobin(['A', 'B', 'C'], { connect: (source) => source }, { standby })
  roundRobins.push(roundRobin)
  const side = { name, standby, roundRobin, call: () => Promise.resolve() }
  const account = new Account(
    side,
    () => '1',
    (_, text) => news.push(text),
  )
  return { account, roundRobin }
}

afterEach(() => Promise.all(roundRobins.splice(0).map((roundRobin) => roundRobin.close())))

test('sides that use the same provider stay there', async () => {
  const news: string[] = []
  const sides = [accountOf('one', false, news), accountOf('two', true, news)]
  await Promise.all(sides.map(({ roundRobin }) => roundRobin.connect()))
  expect(await untilInStep({ accounts: sides.map(({ account }) => account), signal })).toBe('A')
  expect(news).toEqual([])
})

test.each([
  [1, 2, false, true],
  [2, 0, true, false],
  [1, 0, true, true],
])(
  'sides that were %i and %i moves away meet on the one of the first, and say how',
  async (first, second, ...spares) => {
    const news: string[] = []
    const sides = spares.map((standby, at) => accountOf(`side ${at}`, standby, news))
    await Promise.all(sides.map(({ roundRobin }) => roundRobin.connect()))
    for (const [at, moves] of [first, second].entries())
      for (let move = 0; move < moves; move += 1) await sides[at]?.roundRobin.failover()
    const meeting = sides[0]?.roundRobin.current
    news.length = 0
    expect(await untilInStep({ accounts: sides.map(({ account }) => account), signal })).toBe(meeting)
    expect(sides.map(({ roundRobin }) => roundRobin.current)).toEqual([meeting, meeting])
    expect(news).toContain(`side 1: moves on by failover(), to meet the next fault on ${meeting} as well`)
    expect(news.filter((text) => text.startsWith('side 0'))).toEqual([])
  },
)

test('waits for the spare of a side that keeps one', async () => {
  let letUp = () => {}
  const spareUp = new Promise<void>((resolve) => {
    letUp = resolve
  })
  const connect = async (source: string) => {
    if (source === 'B') await spareUp
    return source
  }
  const roundRobin = new RoundRobin(['A', 'B'], { connect }, { standby: true })
  roundRobins.push(roundRobin)
  await roundRobin.connect()
  const account = new Account(
    { standby: true, roundRobin, call: () => Promise.resolve() },
    () => '1',
    () => {},
  )
  let isThere = false
  const inStep = untilInStep({ accounts: [account], signal }).then(() => {
    isThere = true
  })
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(isThere).toBe(false)
  letUp()
  await inStep
})

test('comes to nothing if the show ends before', async () => {
  const { account } = accountOf('never connected', false, [])
  const end = new AbortController()
  const inStep = untilInStep({ accounts: [account], signal: end.signal })
  end.abort()
  expect(await inStep).toBeUndefined()
})
