import { refuse } from './errors.ts'
import { ignoredExpectWords, readNegation } from './expect-words.ts'
import type { HttpExpect } from './model.ts'
import { toPattern } from './pattern.ts'
import type { Reading } from './reading.ts'
import { toNumber } from './units.ts'
import type { Words } from './words.ts'

/** `[!] status|rstatus|string|rstring <what>`, which the answer must (not) have. */
export function readHttpExpect(words: Words, reading: Reading): HttpExpect {
  ignoredExpectWords(words, reading)
  const { negate, kind } = readNegation(words, "'status', 'rstatus', 'string' or 'rstring'")
  const expected = words.take(`what '${kind}' looks for`)
  if (kind === 'status') return { kind, negate, ranges: expected.split(',').map(statusRange) }
  if (kind === 'rstatus' || kind === 'rstring') return { kind, negate, pattern: toPattern(expected) }
  if (kind === 'string') return { kind, negate, text: expected }
  return refuse(`'${kind}' is not known here: expected 'status', 'rstatus', 'string' or 'rstring'`)
}

/** `200`, or `200-399`. */
function statusRange(text: string): [number, number] {
  const [, from = text, to = from] = /^(\d+)-(\d+)$/.exec(text) ?? []
  const [first, last] = [toNumber(from, 100, 999), toNumber(to, 100, 999)]
  return first <= last ? [first, last] : refuse(`the range of codes '${text}' ends before it begins`)
}
