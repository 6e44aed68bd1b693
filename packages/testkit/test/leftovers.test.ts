import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { waitFor } from '../src/index.ts'
import { processTable } from '../src/process/process-table.ts'
import { useEverything } from './use-everything.ts'

/** Runs a fixture with a folder for temporary files of its own. */
function run(fixture: string, ...args: string[]) {
  const temp = mkdtempSync(join(tmpdir(), 'testkit-test-'))
  const file = new URL(`fixtures/${fixture}.ts`, import.meta.url).pathname
  const env = { ...process.env, TMPDIR: temp }
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const script = { child, output: '', exited: once(child, 'exit'), ledgers: () => ledgersIn(temp) }
  child.stdout.setEncoding('utf8').on('data', (text) => {
    script.output += text
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
    rmSync(temp, { recursive: true })
  })
  return script
}

function ledgersIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.startsWith('tourniquet-'))
}

async function pidsSaidBy(script: { child: ChildProcess; output: string }): Promise<number[]> {
  await waitFor(() => script.output.includes('\n'), { what: 'the pids', timeoutMs: 30_000 })
  return script.output.split(' ').map(Number)
}

async function areGone(pids: readonly number[]): Promise<void> {
  const left = (): number[] =>
    pids.filter((pid) => processTable().some((entry) => entry.pid === pid && entry.state !== 'Z'))
  await waitFor(() => left().length === 0, { what: `${pids.join(', ')} to be gone` })
}

function handles(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /TCP|Process|Pipe/.test(name))
}

function listeners(): number[] {
  return ['exit', 'SIGTERM', 'SIGINT', 'SIGHUP'].map((event) => process.listenerCount(event))
}

test('after close and dispose nothing is left: no handle, no child, no listener', async () => {
  const before = [handles(), listeners()]
  await useEverything()
  expect([handles(), listeners()]).toEqual(before)
})

test('after close and dispose a process ends by itself, and no file is left', async () => {
  const script = run('cleans-up')
  expect(await script.exited).toEqual([0, null])
  expect(script.ledgers()).toEqual([])
})

test.each([
  ['throw', 1],
  ['exit', 7],
])('a process that ends by %s takes its servers along, frozen ones too', async (how, code) => {
  const script = run('leaves-without-care', how)
  const pids = await pidsSaidBy(script)
  expect(await script.exited).toEqual([code, null])
  await areGone(pids)
  expect(script.ledgers()).toEqual([])
})

test.each([
  ['SIGTERM', 'stay'],
  ['SIGINT', 'stay-with-two-copies'],
] as const)('so does one ended by %s: %s', async (signal, how) => {
  const script = run('leaves-without-care', how)
  const pids = await pidsSaidBy(script)
  script.child.kill(signal)
  expect(await script.exited).toEqual([null, signal])
  await areGone(pids)
  expect(script.ledgers()).toEqual([])
})

test('a SIGKILL cannot be answered: a line server that runs ends by itself', async () => {
  const script = run('leaves-without-care', 'stay')
  const [running = 0, frozen = 0] = await pidsSaidBy(script)
  script.child.kill('SIGKILL')
  await areGone([running])
  process.kill(frozen, 'SIGKILL')
})
