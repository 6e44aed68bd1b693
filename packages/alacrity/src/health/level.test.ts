import { describe, expect, test } from 'vitest'
import { countOf, firstLevel, intervalOf, type Level, levelAfter, levelBy } from './level.ts'
import { afterLosses } from './losses.ts'

const limits = { rise: 2, fall: 3 }
const seen = { 200: 'L7OK', 404: 'L7OKC', 503: 'L7STS' } as const
const check = { ...limits, interMs: 400, fastinterMs: 100, downinterMs: 200, tls: false }

/** As HAProxy's CSV has it: `UP`, `UP 2/3`, `DOWN 1/2`, `NOLB`; and until its next check. */
function row(now: Level): string {
  const count = now.level === 0 || now.level === 4 ? '' : ` ${countOf(now.level, limits)}`
  return `${now.status.toUpperCase()}${count}, ${now.level}, ${intervalOf(now, check)} ms`
}

describe('a level', () => {
  test('begins one failed check from down', () => {
    expect(row(firstLevel(limits))).toBe('UP 1/3, 2, 100 ms')
    expect(row(levelAfter(firstLevel(limits), limits, { status: 'L4CON' }))).toBe('DOWN, 0, 200 ms')
  })

  // HAProxy 2.6.12 was given these answers, one after the other: this is what its CSV said, and when it came again.
  const recorded: [answer: keyof typeof seen, row: string][] = [
    [200, 'UP, 4, 400 ms'],
    [200, 'UP, 4, 400 ms'],
    [503, 'UP 2/3, 3, 100 ms'],
    [503, 'UP 1/3, 2, 100 ms'],
    [200, 'UP, 4, 400 ms'],
    [503, 'UP 2/3, 3, 100 ms'],
    [200, 'UP, 4, 400 ms'],
    [503, 'UP 2/3, 3, 100 ms'],
    [503, 'UP 1/3, 2, 100 ms'],
    [503, 'DOWN, 0, 200 ms'],
    [503, 'DOWN, 0, 200 ms'],
    [200, 'DOWN 1/2, 1, 100 ms'],
    [503, 'DOWN, 0, 200 ms'],
    [200, 'DOWN 1/2, 1, 100 ms'],
    [404, 'DOWN, 0, 200 ms'],
    [200, 'DOWN 1/2, 1, 100 ms'],
    [200, 'UP, 4, 400 ms'],
    [404, 'NOLB, 4, 400 ms'],
    [404, 'NOLB, 4, 400 ms'],
    [503, 'NOLB 2/3, 3, 100 ms'],
    [200, 'UP, 4, 400 ms'],
    [404, 'NOLB, 4, 400 ms'],
    [503, 'NOLB 2/3, 3, 100 ms'],
    [503, 'NOLB 1/3, 2, 100 ms'],
    [404, 'NOLB, 4, 400 ms'],
    [503, 'NOLB 2/3, 3, 100 ms'],
    [503, 'NOLB 1/3, 2, 100 ms'],
    [503, 'DOWN, 0, 200 ms'],
    [404, 'DOWN, 0, 200 ms'],
    [200, 'DOWN 1/2, 1, 100 ms'],
    [200, 'UP, 4, 400 ms'],
  ]

  test('goes as HAProxy recorded it', () => {
    let now = firstLevel(limits)
    const rows = recorded.map(([answer]) => {
      now = levelAfter(now, limits, { status: seen[answer] })
      return [answer, row(now)]
    })
    expect(rows).toEqual(recorded)
  })

  test.each([
    ['fastinter', undefined, undefined, undefined],
    ['fail-check', 3, 2, 0],
    ['sudden-death', 2, 2, 0],
    ['mark-down', 0, 0, 0],
  ] as const)('goes as HAProxy recorded it after too many losses with on-error %s', (onError, from4, from3, from2) => {
    const after = (level: number): number | undefined => afterLosses({ status: 'up', level }, limits, onError)?.level
    expect([after(4), after(3), after(2)]).toEqual([from4, from3, from2])
  })

  test('survives other limits', () => {
    const top: Level = { status: 'up', level: 4 }
    expect(levelBy(top, limits, { rise: 5, fall: 1 })).toEqual({ status: 'up', level: 5 })
    expect(levelBy({ status: 'nolb', level: 3 }, limits, { rise: 1, fall: 4 })).toEqual({ status: 'nolb', level: 3 })
    expect(levelBy({ status: 'up', level: 2 }, limits, { rise: 2, fall: 1 })).toEqual({ status: 'up', level: 2 })
    expect(levelBy({ status: 'down', level: 1 }, limits, { rise: 1, fall: 1 })).toEqual({ status: 'down', level: 0 })
  })

  test('with a rise and a fall of 1 is either or', () => {
    const one = { rise: 1, fall: 1 }
    expect(firstLevel(one)).toEqual({ status: 'up', level: 1 })
    const down = levelAfter(firstLevel(one), one, { status: 'L4TOUT' })
    expect(down).toEqual({ status: 'down', level: 0 })
    expect(levelAfter(down, one, { status: 'L4OK' })).toEqual({ status: 'up', level: 1 })
  })
})
