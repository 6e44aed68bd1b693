import { type Acl, findAcl } from './acl.ts'
import { refuse } from './errors.ts'
import { readExpression } from './expression.ts'
import type { Condition, Term } from './model.ts'
import type { ProxyDraft } from './proxy-draft.ts'
import type { Reading } from './reading.ts'
import type { Words } from './words.ts'

/** `if …` or `unless …`, or nothing at all. */
export function readOptionalCondition(words: Words, proxy: ProxyDraft, reading: Reading): { when?: Condition } {
  return words.isAtEnd ? {} : { when: readCondition(words, proxy, reading) }
}

/** `if` or `unless`, and names of acls or expressions in `{ }`, with `or` (or `||`) between groups of them. */
export function readCondition(words: Words, proxy: ProxyDraft, reading: Reading): Condition {
  const word = words.take("'if' or 'unless', and a condition")
  if (word !== 'if' && word !== 'unless') refuse(`unexpected '${word}': expected 'if' or 'unless', and a condition`)
  const anyOf: Term[][] = [[]]
  while (!words.isAtEnd) {
    if (!isOr(words)) anyOf.at(-1)!.push(readTerm(words, proxy, reading))
    else anyOf.push([])
  }
  if (anyOf.some((terms) => terms.length === 0)) refuse('expected a condition: the name of an acl, or { … }')
  return { negate: word === 'unless', anyOf }
}

function isOr(words: Words): boolean {
  return words.takeIf('or') || words.takeIf('||')
}

function readTerm(words: Words, proxy: ProxyDraft, reading: Reading): Term {
  const { negate, acl } = readAclTerm(words, proxy, reading)
  if (acl.paths.length > 0) {
    refuse("'path' looks into the request: it is only known to 'http-request use-service prometheus-exporter'")
  }
  return { negate, anyOf: acl.tests }
}

/** `[!] name` or `[!] { expression }`. */
export function readAclTerm(words: Words, proxy: ProxyDraft, reading: Reading): { negate: boolean; acl: Acl } {
  let negate = false
  let word = words.take('the name of an acl, or { … }')
  while (word.startsWith('!')) {
    negate = !negate
    word = word.slice(1) || words.take("what '!' is about")
  }
  return { negate, acl: word === '{' ? readAnonymous(words, proxy, reading) : findAcl(word, proxy) }
}

function readAnonymous(words: Words, proxy: ProxyDraft, reading: Reading): Acl {
  const inside: string[] = []
  while (words.peek() !== '}') inside.push(words.next() ?? refuse("expected a closing '}', with a blank before it"))
  words.takeIf('}')
  return readExpression(words.sub(inside), proxy, reading)
}
