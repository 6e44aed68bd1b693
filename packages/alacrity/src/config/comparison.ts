import { refuse } from './errors.ts'
import { toNumber } from './units.ts'

/** Whole numbers; an open end is infinite. */
export interface Range {
  readonly from: number
  readonly to: number
}

const OPERATORS = ['eq', 'ge', 'gt', 'le', 'lt']

/** `5`, `1:3`, `1:`, `:3`, and `ge 5`: an operator holds for all numbers behind it, until the next. */
export function readComparisons(values: readonly string[]): Range[] {
  const ranges: Range[] = []
  let operator = 'eq'
  for (const [index, value] of values.entries()) {
    if (!OPERATORS.includes(value)) ranges.push(compared(operator, value))
    else if (index === values.length - 1) refuse(`expected a number behind '${value}'`)
    else operator = value
  }
  return ranges
}

function compared(operator: string, text: string): Range {
  if (text.includes(':')) return rangeOf(operator, text)
  const value = number(text)
  if (operator === 'ge') return { from: value, to: Number.POSITIVE_INFINITY }
  if (operator === 'gt') return { from: value + 1, to: Number.POSITIVE_INFINITY }
  if (operator === 'le') return { from: Number.NEGATIVE_INFINITY, to: value }
  if (operator === 'lt') return { from: Number.NEGATIVE_INFINITY, to: value - 1 }
  return { from: value, to: value }
}

function rangeOf(operator: string, text: string): Range {
  const [, from = '', to = ''] = /^([^:]*):([^:]*)$/.exec(text) ?? refuse(`'${text}' is not a range such as 1:3`)
  if (operator !== 'eq') refuse(`'${operator}' compares with a number: unexpected '${text}'`)
  const first = from === '' ? Number.NEGATIVE_INFINITY : number(from)
  const last = to === '' ? Number.POSITIVE_INFINITY : number(to)
  return first <= last ? { from: first, to: last } : refuse(`the range '${text}' ends before it begins`)
}

function number(text: string): number {
  return toNumber(text, -(2 ** 31), 2 ** 31 - 1)
}
