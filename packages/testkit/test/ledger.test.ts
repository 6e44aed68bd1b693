import { expect, test } from 'vitest'
import { runLedger, standardFaults } from '../src/conformance.ts'
import { line, lineConnectorBut } from './conformance-fixtures/line.ts'

const short = { strikes: 8, operations: 500, log: () => {} }

test('an honest connector keeps the ledger; the seed and the report are printed', async () => {
  const printed: string[] = []
  const options = { ...short, seed: 3, log: (text: string) => void printed.push(text) }
  const report = await runLedger({ ...line, name: 'honest' }, options)
  expect(report).toMatchObject({ seed: 3, lost: 0, doubled: 0, pending: 0, untold: 0, problems: [] })
  expect(report.acknowledged).toBeGreaterThanOrEqual(500)
  expect(report.writes).toBe(report.acknowledged + report.notApplied + report.unknown)
  expect(Object.values(report.faults)).toEqual(Array(8).fill(1))
  expect(printed[0]).toBe('the ledger of honest: seed 3')
  expect(printed[1]).toMatch(/^the ledger of honest, seed 3: \d+ writes in .*; faults: 1 kill, 1 freeze, 1 partition/)
})

test('a judge that says next of all doubles writes, and that is found, with how to replay it', async () => {
  const printed: string[] = []
  const description = { ...line, name: 'next', connector: lineConnectorBut(() => ({ judge: () => 'next' as const })) }
  const report = await runLedger(description, { ...short, seed: 5, log: (text) => void printed.push(text) })
  expect(report.doubled).toBeGreaterThan(0)
  expect(report.problems.join('\n')).toMatch(/^G6 w\d+-\d+, which was acknowledged, is there 2 times$/m)
  expect(printed[1]).toMatch(/replay: TOURNIQUET_SEED=5( TOURNIQUET_SHARE=.*)?$/)
})

test('a service that swallows errors loses writes, and that is found', async () => {
  const operations = {
    write: (client: { request(command: string): Promise<unknown> }, id: string) =>
      client.request(`EXEC ${id}`).catch(() => 'fine'),
  }
  const report = await runLedger({ ...line, name: 'swallows', operations }, short)
  expect(report.lost).toBeGreaterThan(0)
  expect(report.problems.join('\n')).toMatch(/which was acknowledged, is there not at all/)
})

test('a write that never settles is found', async () => {
  const operations = {
    write: (client: { request(command: string): Promise<unknown> }, id: string) =>
      id === 'w0-3' ? new Promise<never>(() => {}) : client.request(`EXEC ${id}`),
  }
  const report = await runLedger({ ...line, name: 'hangs', operations }, { ...short, strikes: 2, settleMs: 2500 })
  expect(report).toMatchObject({ pending: 1 })
  expect(report.problems).toContain('G5 w0-3 is pending')
})

test('an adapter may add faults of its own; one that cannot be done ends the run', async () => {
  const broken = { name: 'broken', strike: () => Promise.reject(new Error('no such thing')) }
  const run = runLedger({ ...line, name: 'broken fault' }, { ...short, faults: [...standardFaults, broken] })
  await expect(run).rejects.toThrow(/^the fault "broken" at 127.0.0.1:\d+ went wrong: Error: no such thing$/)
})

test('too few writes in the time are a problem', async () => {
  const options = { ...short, strikes: 1, operations: 1_000_000, limitMs: 500 }
  const { problems } = await runLedger({ ...line, name: 'slow' }, options)
  expect(problems).toEqual([expect.stringMatching(/^G8 only \d+ of 1000000 writes were acknowledged in 500 ms$/)])
})

test.each([
  [{ seed: 1.5 }, 'seed must be a whole number from 0; got 1.5'],
  [{ operations: 0 }, 'operations must be a whole number from 1; got 0'],
  [{ writers: -1 }, 'writers must be a whole number from 1; got -1'],
  [{ limitMs: Number.POSITIVE_INFINITY }, 'limitMs must be milliseconds from 0 to 2147483647; got Infinity'],
])('refuses %o', async (options, message) => {
  await expect(runLedger({ ...line, name: 'x' }, options)).rejects.toThrow(message)
})
