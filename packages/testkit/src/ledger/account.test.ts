import { expect, test } from 'vitest'
import { account, type Told } from './account.ts'

const of = (said: Told, times: number) => account(new Map([['7', said]]), Array<string>(times).fill('7'))

test.each([
  ['acknowledged', 1],
  ['not-applied', 0],
  ['unknown', 0],
  ['unknown', 1],
] as const)('is content: %s, there %i times', (said, times) => {
  expect(of(said, times)).toEqual({ lost: 0, doubled: 0, problems: [] })
})

test.each([
  ['acknowledged', 0, 1, 0, 'G6 7, which was acknowledged, is there not at all'],
  ['acknowledged', 2, 0, 1, 'G6 7, which was acknowledged, is there 2 times'],
  ['not-applied', 1, 0, 0, "G6 7, which failed as 'not-applied', is there once"],
  ['unknown', 3, 0, 1, "G6 7, which failed as 'unknown', is there 3 times"],
  ['untold', 0, 0, 0, 'G6 7 failed with an error that says no outcome'],
  ['pending', 1, 0, 0, 'G5 7 is pending'],
] as const)('complains: %s, there %i times', (said, times, lost, doubled, problem) => {
  expect(of(said, times)).toEqual({ lost, doubled, problems: [problem] })
})

test('complains of what nobody wrote', () => {
  expect(account(new Map(), ['8']).problems).toEqual(['8 is there, and nobody wrote it'])
})
