import { expect, test } from 'vitest'
import { checkDescription, reasonAgainst } from './check.ts'
import type { Proof } from './scene.ts'

const nothing = async (): Promise<void> => {}
const proofs: readonly Proof[] = [
  { title: 'G1 sticky', run: nothing },
  { title: 'G11 demotion', needs: ['demote', 'promote'], run: nothing },
  { title: 'G11 own doing', needs: ['writeReadOnly'], run: nothing },
]
const operations = { who: nothing, write: nothing, hang: nothing, refuse: nothing, writeReadOnly: nothing }
const whole = {
  name: 'x',
  start: nothing,
  connector: () => ({}),
  source: () => '',
  written: nothing,
  reply: 'OK',
  demote: nothing,
  promote: nothing,
  operations,
}

test.each([
  [undefined, 'the description must be an object with name, start, connector, source, operations, written, reply; got'],
  [{ ...whole, name: '' }, "name must be a string of one line that is not empty; got ''"],
  [{ ...whole, start: undefined }, 'start must be a function; got undefined'],
  [{ ...whole, connector: {} }, 'connector must be a function; got {}'],
  [{ ...whole, source: 'tcp://' }, "source must be a function; got 'tcp://'"],
  [{ ...whole, written: [] }, 'written must be a function; got []'],
  [{ ...whole, via: 'run' }, "via must be a function, or left out; got 'run'"],
  [{ ...whole, roundRobin: 1 }, 'roundRobin must be a function, or left out; got 1'],
  [{ ...whole, operations: undefined }, 'operations must be an object; got undefined'],
  [{ ...whole, operations: { ...operations, hang: 1 } }, 'operations.hang must be a function; got 1'],
  [
    { ...whole, reply: '' },
    "reply must be a string or bytes, not empty, or a function that makes them of an id; got ''",
  ],
  [
    { ...whole, reply: /OK/ },
    'reply must be a string or bytes, not empty, or a function that makes them of an id; got /',
  ],
  [{ ...whole, connections: 2 }, 'connections must be an object; got 2'],
  [{ ...whole, connections: { most: 0, why: 'x' } }, 'connections.most must be a whole number from 1; got 0'],
  [{ ...whole, connections: { most: 2 } }, 'connections.why must be a string of one line that is not empty'],
  [
    { ...whole, cannot: { G15: 'x' } },
    'cannot must be keyed by a guarantee such as G11, or by the beginning of a test’s',
  ],
  [{ ...whole, cannot: { 'G11 prom': 'x' } }, 'cannot must be keyed by'],
  [{ ...whole, cannot: { G11: '' } }, "cannot['G11'] must be a string of one line that is not empty; got ''"],
  [
    { ...whole, promote: undefined },
    'promote must be a function, since "G11 demotion" needs it, or cannot must say why there is none; got undefined',
  ],
  [
    { ...whole, operations: { ...operations, writeReadOnly: undefined } },
    'operations.writeReadOnly must be a function, since "G11 own doing" needs it, or cannot must say why',
  ],
])('refuses %o', (description, message) => {
  const check = (): void => checkDescription(description as never, proofs)
  expect(check).toThrow(TypeError)
  expect(check).toThrow(message)
})

test('what a protocol cannot do need not be given', () => {
  checkDescription(whole, proofs)
  checkDescription({ ...whole, demote: undefined, cannot: { G11: 'there are no roles' } }, proofs)
  checkDescription({ ...whole, demote: undefined, cannot: { 'G11 demo': 'there are no roles' } }, proofs)
})

test('a guarantee means its tests only, a longer key those that begin so', () => {
  const of = (title: string, cannot: Record<string, string>) => reasonAgainst({ title, run: nothing }, { cannot })
  expect(of('G1 sticky', { G1: 'why' })).toBe('why')
  expect(of('G11 demotion', { G1: 'why' })).toBeUndefined()
  expect(of('G11 demotion', { 'G11 d': 'why' })).toBe('why')
  expect(of('G11 own doing', { 'G11 d': 'why' })).toBeUndefined()
})
