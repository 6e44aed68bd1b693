import { badInput, checkLine } from '../bad-input.ts'
import type { AnyDescription } from './description.ts'
import type { Proof } from './scene.ts'

/** Why a description cannot have this proof; undefined if it can. */
export function reasonAgainst({ title }: Proof, { cannot = {} }: Pick<AnyDescription, 'cannot'>): string | undefined {
  const key = Object.keys(cannot).find((key) => covers(key, title))
  return key && cannot[key as keyof typeof cannot]
}

/** Throws a TypeError that names what of a description is not what it must be. */
export function checkDescription(description: object, proofs: readonly Proof[]): void {
  if (typeof description !== 'object' || description === null) {
    throw badInput(
      'the description',
      'an object with name, start, connector, source, operations, written, reply',
      description,
    )
  }
  const given = description as AnyDescription
  checkLine('name', given.name)
  checkFunctions('', given, ['start', 'connector', 'source', 'written'])
  checkFunctions('', given, ['roundRobin', 'via', 'demote', 'promote', 'hanging'], true)
  checkRecord('operations', given.operations)
  checkFunctions('operations.', given.operations, ['who', 'write', 'hang', 'refuse'])
  checkFunctions('operations.', given.operations, ['writeReadOnly'], true)
  checkReply(given.reply)
  checkConnections(given.connections)
  if (given.asksFirst !== undefined) checkLine('asksFirst', given.asksFirst)
  checkCannot(given.cannot, proofs)
  for (const proof of proofs) checkNeeds(proof, given)
}

/** Whether a key of `cannot` means this title: `G1` does not mean `G11 …`. */
function covers(key: string, title: string): boolean {
  return title === key || title.startsWith(`${key} `) || (key.includes(' ') && title.startsWith(key))
}

function checkFunctions(prefix: string, given: object, names: readonly string[], mayBeLeftOut = false): void {
  for (const name of names) {
    const value: unknown = given[name as keyof object]
    if (typeof value === 'function' || (mayBeLeftOut && value === undefined)) continue
    throw badInput(prefix + name, mayBeLeftOut ? 'a function, or left out' : 'a function', value)
  }
}

function checkRecord(option: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw badInput(option, 'an object', value)
}

function checkReply(reply: unknown): void {
  const isText = (typeof reply === 'string' || reply instanceof Uint8Array) && reply.length > 0
  if (isText || typeof reply === 'function') return
  throw badInput('reply', 'a string or bytes, not empty, or a function that makes them of an id', reply)
}

function checkConnections(connections: AnyDescription['connections']): void {
  if (connections === undefined) return
  checkRecord('connections', connections)
  const { most, why } = connections
  if (!Number.isSafeInteger(most) || most < 1) throw badInput('connections.most', 'a whole number from 1', most)
  checkLine('connections.why', why)
}

function checkCannot(cannot: AnyDescription['cannot'], proofs: readonly Proof[]): void {
  if (cannot === undefined) return
  checkRecord('cannot', cannot)
  for (const [key, reason] of Object.entries(cannot)) {
    if (!proofs.some(({ title }) => covers(key, title))) {
      throw badInput('cannot', 'keyed by a guarantee such as G11, or by the beginning of a test’s title', key)
    }
    checkLine(`cannot['${key}']`, reason)
  }
}

function checkNeeds({ title, needs = [] }: Proof, given: AnyDescription): void {
  const missing = needs.find(
    (name) => (name === 'writeReadOnly' ? given.operations : given)[name as never] === undefined,
  )
  if (missing === undefined || reasonAgainst({ title } as Proof, given) !== undefined) return
  const option = missing === 'writeReadOnly' ? `operations.${missing}` : missing
  throw badInput(option, `a function, since "${title}" needs it, or cannot must say why there is none`, undefined)
}
