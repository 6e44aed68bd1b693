import { expect, test } from 'vitest'
import { type Connection, judge } from '../src/scenarios/alacrity/connections.ts'
import { type AlacritySummary, type Findings, summarize } from '../src/scenarios/alacrity/summary.ts'
import { runDemo } from './command.ts'

const fine: Connection = { openedAt: 100, server: 'A', endedAt: 200 }
const kills = [{ server: 'A', from: 300, to: 310 }]

/** Two connections, of which one was used, and what the balancer says of them. */
function findings(changes: Partial<Findings> = {}): Findings {
  const row = { proxy: 'work', name: 'FRONTEND', status: 'OPEN', redispatched: 0 }
  return {
    clients: { connections: [fine, fine], answers: [{ id: '1', server: 'A', at: 150, ms: 5 }], asked: 1, failed: 0 },
    deeds: { kills, drains: [], reloads: 1 },
    rows: [{ ...row, kind: 'frontend', current: 0, total: 2 }],
    executed: ['1'],
    playedMs: 6_000,
    interrupted: false,
    ...changes,
  }
}

test('a show with real servers: two are killed, one drained, and two reloads drop nothing', async () => {
  const { code, stdout, stderr } = await runDemo(['--json', '--seconds', '6', 'alacrity'])
  expect(stderr).toBe('')
  const summary = JSON.parse(stdout) as AlacritySummary
  expect(summary).toMatchObject({
    scenario: 'alacrity',
    interrupted: false,
    broken: [],
    kills: 2,
    drains: 1,
    reloads: 2,
  })
  const { made, servers, killed, counted, ...others } = summary.connections
  expect(others).toMatchObject({ refused: 0, dropped: 0, toDrained: 0 })
  expect(counted).toBe(made)
  expect(killed).toBeGreaterThan(0)
  expect(Object.keys(servers)).toEqual(['A', 'B', 'C', 'D'])
  expect(summary.requests.answered).toBeGreaterThan(500)
  expect(code).toBe(0)
})

test('without a terminal it prints the address of the page, what was done, and the table', async () => {
  // Long enough that a server is away for more than the second between two rows.
  const { code, stdout } = await runDemo(['alacrity', '--seconds', '12'])
  const lines = [/its page.*http:\/\/127\.0\.0\.1:\d+\//, /! kill A/, /> reload \(SIGHUP\) with \d+ connections open/]
  for (const line of [
    ...lines,
    /! drain B/,
    /did you mean 'leastconn'/,
    /A DOWN, B UP, C UP/,
    /Every promise was kept/,
  ])
    expect(stdout).toMatch(line)
  expect(code).toBe(0)
})

test('whose end is whose fault', () => {
  const held = { ...fine, endedAt: 305, cut: 'ECONNRESET' }
  const greetedByNobody: Connection = { openedAt: 305, endedAt: 306, cut: 'ECONNRESET' }
  const other = { ...held, server: 'B' }
  const early = { ...held, endedAt: 299 }
  const late = { ...held, openedAt: 311, endedAt: 400 }
  const refused = { openedAt: 305, endedAt: 306, cut: 'ECONNREFUSED' }
  const all = [fine, held, greetedByNobody, other, early, late, refused]
  expect(judge(all, { kills, drains: [] })).toEqual({
    killed: [held, greetedByNobody],
    dropped: [other, early, late],
    refused: [refused],
    misled: [],
  })
})

test('who was sent to a server while that was drained', () => {
  const drains = [
    { server: 'A', from: 90, to: 110 },
    { server: 'A', from: 500 },
  ]
  const later = { ...fine, openedAt: 501 }
  const all = [fine, { ...fine, openedAt: 89 }, { ...fine, openedAt: 110 }, { ...fine, server: 'B' }, later]
  expect(judge(all, { kills: [], drains }).misled).toEqual([fine, later])
})

test('nothing is said to be broken where nothing is', () => {
  expect(summarize(findings())).toMatchObject({ broken: [], connections: { made: 2, servers: { A: 2 }, counted: 2 } })
})

test.each<[string, Partial<Findings>, string]>([
  [
    'dropped',
    { clients: { ...findings().clients, connections: [fine, { ...fine, cut: 'EPIPE' }] } },
    '1 connections were cut, of servers that nobody killed: A EPIPE 1',
  ],
  ['open', { clients: { ...findings().clients, connections: [fine, { openedAt: 1 }] } }, '1 connections never ended'],
  ['lost', { executed: [] }, '1 requests were answered, but no server has executed them'],
  ['twice', { executed: ['1', '1'] }, '1 requests were executed more than once'],
  [
    'left',
    { rows: findings().rows.map((row) => ({ ...row, current: 3 })) },
    '3 connections are open in the balancer after their clients have left',
  ],
  [
    'miscounted',
    { rows: findings().rows.map((row) => ({ ...row, total: 3 })) },
    'the balancer has counted 3 connections; its clients made 2',
  ],
])('says what is broken: %s', (_what, changes, complaint) => {
  expect(summarize(findings(changes)).broken).toEqual([complaint])
})
