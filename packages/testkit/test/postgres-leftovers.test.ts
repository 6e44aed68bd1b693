import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { waitFor } from '../src/index.ts'
import { findProgram } from '../src/install/find-program.ts'
import { processTable } from '../src/process/process-table.ts'

const temp = mkdtempSync(join(tmpdir(), 'testkit-test-'))
chmodSync(temp, 0o755) // the user postgres must get through
afterAll(() => rmSync(temp, { recursive: true }))

const IPCS = findProgram('ipcs') ?? ''
const IPCRM = findProgram('ipcrm') ?? ''
const TEMPLATE = /^tourniquet-postgres-template-\w+\.tar$/

/** Starts one of each, says their pids, and ends as told once it is spoken to. */
function run(end: string) {
  const script = `
    import { startPostgres, startRedis } from './src/index.ts'
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    console.log(postgres.pid, redis.pid)
    await new Promise((resolve) => process.stdin.once('data', resolve))
    process.stdin.destroy()
    ${end}`
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  const env = { ...process.env, TMPDIR: temp }
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['pipe', 'pipe', 'ignore'] })
  const running = { child, output: '', exited: once(child, 'exit') }
  child.stdout.setEncoding('utf8').on('data', (text) => {
    running.output += text
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return running
}

async function pidsSaidBy(script: { child: ChildProcess; output: string }): Promise<number[]> {
  await waitFor(() => script.output.includes('\n'), { what: 'the pids', timeoutMs: 30_000 })
  return script.output.split(' ').map(Number)
}

async function areGone(pids: readonly number[]): Promise<void> {
  const alive = () => pids.filter((pid) => processTable().some((entry) => entry.pid === pid && entry.state !== 'Z'))
  await waitFor(() => alive().length === 0, { what: `${pids.join(', ')} to be gone` })
}

function left(): string[] {
  return readdirSync(temp).filter((name) => name.startsWith('tourniquet-'))
}

/** The id of the segment of shared memory of the one server that runs. */
function segment(): string {
  const cluster = left().find((name) => name.includes('postgres') && !TEMPLATE.test(name)) ?? ''
  const lines = readFileSync(join(temp, cluster, 'data/postmaster.pid'), 'utf8').split('\n')
  return lines[6]?.trim().split(/\s+/)[1] ?? ''
}

/** The ids of all segments there are. */
function allSegments(): (string | undefined)[] {
  const lines = execFileSync(IPCS, ['-m'], { encoding: 'utf8' }).split('\n')
  return lines.map((line) => line.split(/\s+/)[1])
}

test('two processes ask for the template at once: both get it, and it is all that stays', async () => {
  const end = 'await Promise.all([postgres, redis].map((server) => server[Symbol.asyncDispose]()))'
  const scripts = [run(end), run(end)]
  for (const script of scripts) script.child.stdin.write('go')
  for (const script of scripts) expect(await script.exited).toEqual([0, null])
  expect(left()).toEqual([expect.stringMatching(TEMPLATE)])
})

test.each([
  ['a failed test, its servers frozen', 'await Promise.all([postgres.freeze(), redis.freeze()]); throw new Error()', 1],
  ['an exit, its servers killed', 'await Promise.all([postgres.kill(), redis.kill()]); process.exit(7)', 7],
])('%s, leaves no server, no folder and no shared memory', async (_, end, code) => {
  const script = run(end)
  const pids = await pidsSaidBy(script)
  const own = segment()
  expect(allSegments()).toContain(own)
  script.child.stdin.write('go')
  expect(await script.exited).toEqual([code, null])
  await areGone(pids)
  expect(left()).toEqual([expect.stringMatching(TEMPLATE)])
  expect(allSegments()).not.toContain(own)
})

test.runIf(process.platform === 'linux')('a SIGKILL, which cannot be answered, leaves no server', async () => {
  const script = run('')
  const pids = await pidsSaidBy(script)
  const own = segment()
  script.child.kill('SIGKILL')
  await areGone(pids)
  execFileSync(IPCRM, ['-m', own])
})
