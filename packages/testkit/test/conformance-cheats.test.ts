import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

// Connectors that cheat, each a fixture that describes itself to the suite; run by vitest itself, in a process of its own.

/** Who cheats, the test that must fail, and what its message must say. */
const cheats: readonly (readonly [name: string, title: string, words: RegExp])[] = [
  [
    'connects twice',
    'G2 one connect for 1000',
    /^G2 sockets that one connect\(\) to A opened; .*expected 2 to be less/,
  ],
  ['connects twice', 'G2 1000 idempotent runs', /^G2 sockets that one connect\(\) to A opened/],
  [
    'never disconnects',
    'G5 disconnect settles what is pending on',
    /^G5 disconnect: what was in flight .* still pending/,
  ],
  [
    'never disconnects',
    'G7 a service that opens too late',
    /^G7 the service that connect\(\) opened to A, too late, was not disconnected/,
  ],
  [
    'answers after close',
    'G7 nothing is answered after close',
    /^G7 disconnect: a service that was .* resolved to 'A'/,
  ],
  [
    'swallows errors',
    'G4 the caller’s own error comes back',
    /^G4 the caller’s own error did not reach him: a service must not/,
  ],
  [
    'swallows errors',
    'G6 a reply lost',
    /^G6 the reply to a write was lost, and the caller was not told; a service must not swallow/,
  ],
  ['wraps errors', 'G4 the caller’s own error comes back', /^G4 the same object came back; got OutcomeUnknownError/],
  [
    'wraps errors',
    'G4 the caller’s own error is the driver’s',
    /^G4 what the caller got: expected OutcomeUnknownError/,
  ],
  [
    'ignores its signal',
    'G7 a connect that is given up',
    /^G7 connect: it ignores its signal; it was given up and still goes/,
  ],
  [
    'ignores its signal',
    'G7 a close while connecting',
    /^G7 connect: it ignores its signal; the one to A was given up/,
  ],
  [
    'never calls lost',
    'G10 a provider that is killed',
    /^G10 lost: the idle connection to A is gone, and .* was not called/,
  ],
  [
    'leaves work pending',
    'G5 disconnect settles what is pending on',
    /^G5 disconnect: what was in flight .* still pending/,
  ],
  [
    'always next',
    'G4 the caller’s own error comes back',
    /^G4 how often it was tried; judge said 'next' of LineError: NOTFOUND/,
  ],
  [
    'always next',
    'G6 a reply lost',
    /^G6 how often A and B applied it, .* judge said 'next' of Error: read ECONNRESET/,
  ],
  [
    'always caller',
    'G6 an operation that was never sent',
    /^G6 what should have succeeded failed: connect ECONNREFUSED/,
  ],
  [
    'always caller',
    'G8 when all are down',
    /^G8 what it rejects with: expected Error: connect ECONNREFUSED .* instance of Exhausted/,
  ],
  [
    'probe passes',
    'G9 a frozen provider',
    /^G9 A is frozen, and is still current .* probe: it passed \d+ times meanwhile, so it does not ask/,
  ],
  ['probe passes', 'G11 a failed role probe', /^G11 probe: A refuses writes, and is still current; a probe must look/],
  ['resends', 'G6 a reply lost', /^G6 how often A and B applied it, .* expected \[ 2, \+0 \]/],
  ['resends', 'G6 an idempotent run', /^G6 how often A and B applied it: expected \[ 2, \+0 \]/],
]

const fixtures = fileURLToPath(new URL('conformance-fixtures', import.meta.url))
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
const folder = mkdtempSync(join(tmpdir(), 'testkit-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Result {
  readonly fullName: string
  readonly status: string
  readonly failureMessages: readonly string[]
}
let results: readonly Result[] = []

/** A pattern for exactly these tests; a text may have characters that mean something in one. */
function pattern(names: readonly string[]): string {
  return names.map((name) => `^ ?${name.replace(/[()]/g, '\\$&')}`).join('|')
}

beforeAll(async () => {
  const report = join(folder, 'report.json')
  const names = [...cheats.map(([name, title]) => `${name} ${title}`), 'honest G7 nothing is answered']
  const args = ['run', '--root', fixtures, '--reporter=json', `--outputFile=${report}`, '-t', pattern(names)]
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'))
  const env = { ...Object.fromEntries(own), TOURNIQUET_PORT_SHARE: '3' }
  // It ends with 1, since tests fail, as they must.
  await promisify(execFile)(process.execPath, [vitest, ...args], { cwd: fixtures, env }).catch(() => {})
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
  results = testResults.flatMap(({ assertionResults }: { assertionResults: Result[] }) => assertionResults)
}, 120_000)

test.each(cheats)('%s: caught by "%s"', (name, title, words) => {
  const result = results.find(({ fullName }) => fullName.trim().startsWith(`${name} ${title}`))
  expect(result?.status).toBe('failed')
  const [message = ''] = result?.failureMessages ?? []
  expect(message.replace(/^\w*Error: /, '')).toMatch(words)
})

test('an honest connector passes what a cheat does not', () => {
  const ran = results.filter(({ fullName, status }) => fullName.trim().startsWith('honest') && status !== 'skipped')
  expect(ran.map(({ status }) => status)).toEqual(['passed'])
})
