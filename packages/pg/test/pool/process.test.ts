import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { waitFor } from '@tourniquet/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { driverName, oneServer, pools } from './subjects.ts'

const server = oneServer()
const tsx = createRequire(import.meta.url).resolve('tsx')
const program = join(import.meta.dirname, 'exit.ts')

/** A process that uses such a pool. */
function start(name: string, what: string): ChildProcess {
  const args = ['--import', tsx, program, driverName, name, what, server().url]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** What a process has said, and how it ended, which it does by itself. */
async function life(name: string, what: string): Promise<{ code: number; said: string; failed: string }> {
  const child = start(name, what)
  const [said, failed, [code]] = await Promise.all([
    text(child.stdout as NonNullable<typeof child.stdout>),
    text(child.stderr as NonNullable<typeof child.stderr>),
    once(child, 'exit'),
  ])
  return { code, said, failed }
}

describe.each(pools)('a process with $name', ({ name, isPlain }) => {
  it('allowExitOnIdle: ends though a client is idle', async () => {
    const { code, said } = await life(name, 'allowExitOnIdle')
    expect([code, said]).toEqual([0, 'queried\n'])
  })

  it('allowExitOnIdle: waits for what is under way', async () => {
    const { code, said } = await life(name, 'allowExitOnIdleCheckedOut')
    expect([code, said]).toEqual([0, '1\n'])
  })

  it('ends once the pool has', async () => {
    const { code, said } = await life(name, 'ended')
    expect([code, said]).toEqual([0, 'ended\n'])
  })

  it('goes on while a client is idle', async () => {
    const child = start(name, 'idle')
    let said = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk) => (said += chunk))
    await waitFor(() => said === 'queried\n', { timeoutMs: 40_000 })
    await server().query('select pg_sleep(0.3)')
    expect([child.exitCode, said]).toEqual([null, 'queried\n'])
  })

  it('that listens to errors of the pool is told of an idle client that was lost', async () => {
    const { code, said } = await life(name, 'listenedTo')
    expect([code, said]).toEqual([0, 'error 57P01\n'])
  })

  const unsendable = driverName === 'pg-lowest' ? it.skip : it
  unsendable('a value that cannot be sent fails its query only', async () => {
    const { code, said } = await life(name, 'unsendable')
    expect([code, said]).toEqual([0, 'not today\n1\n'])
  })

  // Deliberately different: a connection that was lost has cost nobody anything, or its query says so.
  it('an idle client is lost, and nobody listens: a plain pool ends the process, ours go on', async () => {
    const { code, said, failed } = await life(name, 'idleLost')
    expect([code, said]).toEqual(isPlain ? [1, ''] : [0, '[ { n: 1 } ]\n'])
    if (isPlain) expect(failed).toContain('terminating connection due to administrator command')
    else expect(failed).not.toContain('Error')
  })

  it('a client is lost while checked out, and nobody listens: a plain one ends the process, ours fails', async () => {
    const { code, said, failed } = await life(name, 'checkedOutLost')
    if (isPlain) expect(failed).toContain('terminating connection due to administrator command')
    const message = 'Client has encountered a connection error and is not queryable\n'
    expect([code, said]).toEqual(isPlain ? [1, ''] : [0, message])
  })
})
