import { expect, test } from 'vitest'
import type { Summary } from '../src/summary.ts'
import { runDemo } from './command.ts'

const promise = 'G2 G5 G6 G7 G8 G9 --json sums up a show in which every promise was kept, without and with standby'

test.each([
  ['core', []],
  ['grpc', ['grpc']],
  ['redis', ['redis']],
  ['pg', ['pg']],
  ['bullmq', ['bullmq']],
])(`${promise} (%s)`, async (scenario, named) => {
  const { code, stdout, stderr } = await runDemo(['--json', '--seconds', '6', ...named])
  const summary = JSON.parse(stdout) as Summary
  expect(stderr).toBe('')
  expect(summary).toMatchObject({ scenario, interrupted: false, broken: [] })
  expect(summary.sides.map(({ name }) => name)).toEqual(['plain', 'standby'])
  for (const { calls, executedTwice, failovers, recovery, blackouts, failures } of summary.sides) {
    expect(executedTwice).toBe(0)
    expect(calls.pending).toBe(0)
    expect(calls.succeeded + calls.failed).toBe(calls.made)
    expect(calls.succeeded).toBeGreaterThan(100)
    expect(failovers).toBeGreaterThanOrEqual(5)
    expect(recovery.faults).toHaveLength(4)
    expect(blackouts).toHaveLength(1)
    // Each fails as the moment has it.
    for (const { outcome } of failures) expect(['not-applied', 'unknown']).toContain(outcome)
  }
  expect(summary.gain?.ratios).toHaveLength(4)
  expect(code).toBe(0)
})

test('without a terminal it prints plain lines: what was done to whom, who took over, and the table', async () => {
  const { code, stdout } = await runDemo(['core', '--seconds', '5'])
  for (const line of [/! kill [ABC]:/, /! freeze [ABC]:/, /! cut off [ABC]:/, /! reset [ABC]:/, /! kill A, B, C,/])
    expect(stdout).toMatch(line)
  for (const side of ['plain', 'standby']) {
    for (const reason of ['lost', 'probe', 'manual'])
      expect(stdout).toMatch(new RegExp(`> ${side}: failover . → . \\(${reason}\\)`))
    expect(stdout).toMatch(new RegExp(`  ${side} +. .*calls/s`))
  }
  expect(stdout).toMatch(/[ABC] spare/)
  expect(stdout).toMatch(/^ +plain +standby$/m)
  for (const row of ['calls made', 'succeeded', 'executed twice', 'failovers', 'from fault to next provider'])
    expect(stdout).toMatch(new RegExp(`^ +${row} +[\\d,.]+ .* [\\d,.]+`, 'm'))
  expect(stdout).toContain('Every promise was kept')
  expect(stdout).toMatch(/as fast with standby/)
  expect(stdout).not.toContain('\x1b')
  expect(code).toBe(0)
})

test('a call that was executed twice is named, with its side, and the exit code is 1', async () => {
  const { code, stdout } = await runDemo(['--seconds', '5'], 'test/programs/lying.ts')
  expect(stdout).toMatch(/standby: G6 broken: id \d+ executed twice \(on [ABC], [ABC]\)/)
  expect(stdout).not.toContain('plain: G6 broken')
  expect(stdout).not.toContain('Every promise was kept')
  expect(code).toBe(1)
})

test('Ctrl-C ends it in order, with the summary so far', async () => {
  let isInterrupted = false
  const interrupt = (pid: number, soFar: string) => {
    if (isInterrupted || !soFar.includes('calls/s')) return
    isInterrupted = true
    // As under npm: once from the terminal, and once more handed on.
    for (const ms of [0, 10]) setTimeout(() => process.kill(pid, 'SIGINT'), ms)
  }
  const { code, stdout, stderr } = await runDemo(['--seconds', '60'], undefined, interrupt)
  expect(stdout).toContain('  executed twice  ')
  expect(stdout).toContain('Ended early. Every promise was kept')
  expect(stderr).toBe('')
  expect(code).toBe(130)
})
