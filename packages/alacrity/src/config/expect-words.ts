import { type Directives, ignoredWords } from './directive.ts'
import type { Reading } from './reading.ts'
import type { Words } from './words.ts'

/** What may stand before the pattern of an `expect` and changes only what is logged, or how soon it is looked at. */
const beforePattern: Directives<unknown> = {
  ...ignoredWords('min-recv', 1, 'an answer is looked at whenever more of it comes'),
  ...ignoredWords('ok-status error-status tout-status', 1, 'a check reports the usual status'),
  ...ignoredWords('on-success on-error status-code', 1, 'a check reports the usual text'),
  comment: (words) => {
    words.take('a comment')
  },
}

export function ignoredExpectWords(words: Words, reading: Reading): void {
  while (Object.hasOwn(beforePattern, words.peek() ?? '')) {
    beforePattern[words.take('')]!(words, undefined, reading)
  }
}

/** `! string`, `!string` or `string`. */
export function readNegation(words: Words, expected: string): { negate: boolean; kind: string } {
  const word = words.take(expected)
  if (word === '!') return { negate: true, kind: words.take(expected) }
  return { negate: word.startsWith('!'), kind: word.replace(/^!/, '') }
}
