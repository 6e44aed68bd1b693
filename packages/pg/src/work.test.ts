import { describe, expect, it } from 'vitest'
import { Work } from './work.ts'

type Step = (work: Work) => void

// What a server says, and what becomes of a connection.
const done =
  (tag: string): Step =>
  (work) =>
    work.completed(tag)
const failed: Step = (work) => work.failed('insert')
const idle: Step = (work) => work.ready('I')
const open: Step = (work) => work.ready('T')
const broken: Step = (work) => work.ready('E')
const lost =
  (...texts: (string | undefined)[]): Step =>
  (work) =>
    work.lost(texts)

const begun = [done('BEGIN'), open]
const inserted = [done('INSERT 0 1'), open]

function after(...steps: readonly Step[]): Work {
  const work = new Work()
  for (const step of steps) step(work)
  return work
}

describe('something may have been applied', () => {
  it.each<[string, readonly Step[]]>([
    ['a procedure that may have committed before it failed', [(work) => work.failed('call p()'), idle]],
    ['a block of code, the same', [(work) => work.failed('do $$ … $$'), idle]],
    ['nobody knows what has failed', [(work) => work.failed(undefined), idle]],
    ['the second phase of a commit, undone', [done('ROLLBACK PREPARED'), idle]],
    ['a COMMIT behind a comment that ends with a carriage return', [...begun, lost('-- done\rcommit')]],
    ['an end of the transaction, and more', [...begun, lost('rollback; insert into t values (1)')]],
    ['a statement by itself, answered', [done('INSERT 0 1'), idle]],
    ['a query by itself, which may call a function', [done('SELECT 1'), idle]],
    ['a statement by itself, lost', [lost('insert into t values (1)')]],
    ['a query by itself, lost', [lost('select 1')]],
    ['a COMMIT that was answered', [...begun, ...inserted, done('COMMIT'), idle]],
    [
      'a COMMIT that was answered, and lost before the session was ready again',
      [...begun, done('COMMIT'), lost('commit')],
    ],
    ['a COMMIT that was lost', [...begun, ...inserted, lost('commit')]],
    ['END, which is one', [...begun, lost('END')]],
    ['a COMMIT behind a comment', [...begun, lost('/* last */ commit')]],
    ['a COMMIT behind a line of comment', [...begun, lost('-- last\n commit;')]],
    ['a COMMIT behind something else', [...begun, lost('insert into t values (1); commit')]],
    ['PREPARE TRANSACTION, answered and lost', [...begun, done('PREPARE TRANSACTION'), idle]],
    ['PREPARE TRANSACTION, lost', [...begun, lost("prepare transaction 'x'")]],
    ['a statement without a text, such as a prepared one', [...begun, lost(undefined)]],
    ['several at once, in a transaction', [...begun, lost('insert into t values (1)', 'select 1')]],
    ['a whole transaction in one text, lost', [lost('begin; insert into t values (1); commit')]],
    ['a BEGIN with something behind it, lost', [lost('begin; insert into t values (1)')]],
    [
      'what was committed before a statement of the same text failed',
      [done('INSERT 0 1'), done('COMMIT'), failed, idle],
    ],
    ['COMMIT AND CHAIN', [...begun, done('COMMIT'), open]],
    ['a transaction, after a statement that was by itself', [done('INSERT 0 1'), idle, ...begun, lost('select 1')]],
  ])('%s', (_, steps) => {
    expect(after(...steps).mayBeApplied).toBe(true)
  })
})

describe('nothing was applied', () => {
  it.each<[string, readonly Step[]]>([
    ['nothing at all', []],
    ['a lost session that did nothing', [lost()]],
    ['a statement in a transaction', [...begun, ...inserted]],
    ['a statement in a transaction, lost', [...begun, ...inserted, lost('insert into t values (2)')]],
    ['a BEGIN, lost', [lost('begin')]],
    ['a BEGIN with an isolation level, lost', [lost('  START TRANSACTION isolation level serializable read only; ')]],
    ['a transaction that was rolled back', [...begun, ...inserted, done('ROLLBACK'), idle]],
    ['a COMMIT of one that had failed', [...begun, failed, broken, done('ROLLBACK'), idle]],
    ['a statement by itself that failed', [failed, idle]],
    ['a text whose second statement failed', [done('INSERT 0 1'), failed, idle]],
    ['a deferred constraint that failed after the statement was complete', [done('INSERT 0 1'), failed, idle]],
    [
      'settings, and what only looks',
      [done('SET'), idle, done('SHOW'), idle, done('LISTEN'), idle, done('RESET'), idle],
    ],
    ['a savepoint', [...begun, done('SAVEPOINT'), open, done('RELEASE'), open, lost('savepoint x')]],
    ['a text that only has a word for it in it', [...begun, lost("insert into t values ('the end')")]],
  ])('%s', (_, steps) => {
    expect(after(...steps).mayBeApplied).toBe(false)
  })
})

it('tells what is certain from what is not', () => {
  expect(after(...begun, lost('commit')).committed).toBe(false)
  expect(after(...begun, done('COMMIT'), lost('commit')).committed).toBe(true)
})

it('knows whether a transaction is open', () => {
  expect(after().isIdle).toBe(true)
  expect(after(...begun).isIdle).toBe(false)
  expect(after(...begun, failed, broken).isIdle).toBe(false)
  expect(after(...begun, done('COMMIT'), idle).isIdle).toBe(true)
})

it('begins anew with each user, but for the transaction that is open', () => {
  const work = after(done('INSERT 0 1'), idle, ...begun)
  work.reset()
  expect([work.mayBeApplied, work.isIdle]).toEqual([false, false])
})
