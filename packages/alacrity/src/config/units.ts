import { refuse } from './errors.ts'
import type { Words } from './words.ts'

type Unit = 'us' | 'ms' | 's' | 'm' | 'h' | 'd'

const MS: Readonly<Record<Unit, number>> = { us: 1 / 1000, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** HAProxy's limit, and that of a timer here: 24.8 days. */
const MAX_MS = 2 ** 31 - 1

/** Takes a time such as `500ms` or `30s`, in milliseconds. A bare number is in milliseconds, unless told otherwise. */
export function takeMs(words: Words, unit: Unit = 'ms'): number {
  const text = words.take('a time such as 500ms, 30s or 5m')
  const [, digits, suffix = unit] = /^(\d+)(us|ms|s|m|h|d)?$/.exec(text) ?? []
  if (digits === undefined) return refuse(`'${text}' is not a time: expected a number and us, ms, s, m, h or d`)
  const ms = Math.ceil(Number(digits) * MS[suffix as Unit])
  return ms <= MAX_MS ? ms : refuse(`'${text}' is too long: a time is at most ${MAX_MS} ms (24.8 days)`)
}

/** As `takeMs`, but 0 makes no sense. */
export function takePositiveMs(words: Words): number {
  const ms = takeMs(words)
  return ms > 0 ? ms : refuse('expected a time above 0')
}

/** Takes a whole number. */
export function takeNumber(words: Words, min = 0, max: number = 2 ** 31 - 1): number {
  return toNumber(words.take(`a whole number ${range(min, max)}`), min, max)
}

/** A word as a whole number. */
export function toNumber(text: string, min: number, max: number): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN
  return value >= min && value <= max ? value : refuse(`'${text}' is not a whole number ${range(min, max)}`)
}

function range(min: number, max: number): string {
  return max === 2 ** 31 - 1 ? `of ${min} or more` : `from ${min} to ${max}`
}

export function takePort(words: Words): number {
  return takeNumber(words, 1, 65_535)
}

/** Takes one of some words. */
export function takeOneOf<Word extends string>(words: Words, known: readonly Word[]): Word {
  const expected = known.map((word) => `'${word}'`).join(', ')
  const word = words.take(known.length === 1 ? expected : `one of ${expected}`)
  return known.find((one) => one === word) ?? refuse(`'${word}' is not known here: expected ${expected}`)
}
