import { describe, expect, test } from 'vitest'
import type { CheckResult } from './contract.ts'
import { describeChange, describeEmpty, type Surroundings } from './describe.ts'
import type { HealthEvent } from './event.ts'

// Recorded from HAProxy 2.6.12.

const around: Surroundings = {
  backend: 'b',
  server: 's1',
  isBackup: false,
  active: 1,
  backup: 0,
  sessions: 0,
  requeued: 0,
  queued: 0,
  logHealthChecks: true,
}
const ok: CheckResult = { status: 'L7OK', code: 200, text: '', ms: 4 }
const wrong: CheckResult = { status: 'L7STS', code: 503, text: 'X', ms: 34 }

function event(health: string, last: CheckResult, before = 'up', more: Partial<HealthEvent> = {}): HealthEvent {
  const [status, level] = health.split(' ') as [HealthEvent['before'], string]
  return {
    health: { status, level: Number(level), rise: 2, fall: 3, last },
    cause: 'check',
    before: before as HealthEvent['before'],
    changed: status !== before,
    isNews: true,
    ...more,
  }
}

describe('log lines with log-health-checks', () => {
  test.each([
    [
      event('up 4', ok),
      [
        'Health check for server b/s1 succeeded, reason: Layer7 check passed, code: 200, check duration: 4ms, status: 3/3 UP.',
      ],
    ],
    [
      event('up 3', wrong),
      [
        'Health check for server b/s1 failed, reason: Layer7 wrong status, code: 503, info: "X", check duration: 34ms, status: 2/3 UP.',
      ],
    ],
    [
      event('down 0', { status: 'L4CON', text: 'Connection refused', ms: 0 }),
      [
        'Health check for server b/s1 failed, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms, status: 0/2 DOWN.',
        'Server b/s1 is DOWN. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
      ],
    ],
    [
      event('down 1', ok, 'down'),
      [
        'Health check for server b/s1 succeeded, reason: Layer7 check passed, code: 200, check duration: 4ms, status: 1/2 DOWN.',
      ],
    ],
    [
      event('up 4', ok, 'down'),
      [
        'Health check for server b/s1 succeeded, reason: Layer7 check passed, code: 200, check duration: 4ms, status: 3/3 UP.',
        'Server b/s1 is UP. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.',
      ],
    ],
    [
      event('nolb 4', { status: 'L7OKC', code: 404, text: '', ms: 6 }),
      [
        'Health check for server b/s1 conditionally succeeded, reason: Layer7 check conditionally passed, code: 404, check duration: 6ms, status: 3/3 UP.',
        'Server b/s1 is stopping. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.',
      ],
    ],
    [
      event(
        'up 3',
        { status: 'HANA', text: 'Detected 2 consecutive errors, last one was: L4 unsuccessful connection', ms: 0 },
        'up',
        { cause: 'observe' },
      ),
      [
        'Health check for server b/s1 failed, reason: Health analyze, info: "Detected 2 consecutive errors, last one was: L4 unsuccessful connection", status: 2/3 UP.',
      ],
    ],
    [event('down 0', wrong, 'down', { isNews: false }), []],
    [
      event('down 0', ok, 'up', { cause: 'command', isNews: false }),
      [
        'Server b/s1 is DOWN, changed from CLI. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
      ],
    ],
  ])('%#', (change, lines) => {
    expect(describeChange(change, around).map(({ text }) => text)).toEqual(lines)
  })
})

test('without it they say why a server changed, and that backups run', () => {
  const [line, ...more] = describeChange(event('down 0', wrong), {
    ...around,
    active: 0,
    backup: 1,
    sessions: 7,
    requeued: 2,
    queued: 1,
    logHealthChecks: false,
  })
  expect(line?.text).toBe(
    'Server b/s1 is DOWN, reason: Layer7 wrong status, code: 503, info: "X", check duration: 34ms. ' +
      '0 active and 1 backup servers left. Running on backup. 7 sessions active, 2 requeued, 1 remaining in queue.',
  )
  expect(more).toEqual([])
})

test('a server cannot forge a line', () => {
  const [line] = describeChange(event('up 3', { ...wrong, text: 'X"<>\n\xc3\xa9' }), around)
  expect(line?.text).toContain('info: "X<22><3C><3E><0A><C3><A9>", check duration')
})

test('a backup is called one', () => {
  const [check, status] = describeChange(event('down 0', wrong), { ...around, isBackup: true })
  expect(check?.text).toMatch(/^Health check for backup server b\/s1 failed, /)
  expect(status?.text).toMatch(/^Backup Server b\/s1 is DOWN/)
})

test('are as urgent as in HAProxy', () => {
  const urgency = (change: HealthEvent): number[] => describeChange(change, around).map(({ level }) => level)
  expect(urgency(event('down 0', wrong))).toEqual([5, 1])
  expect(urgency(event('down 0', wrong, 'nolb'))).toEqual([5, 5])
  expect(urgency(event('up 4', ok, 'down'))).toEqual([5, 5])
  expect(describeEmpty({ name: 'b', kind: 'listen' })).toEqual({ level: 0, text: 'proxy b has no server available!' })
  expect(describeEmpty({ name: 'b', kind: 'backend' }).text).toBe('backend b has no server available!')
})
