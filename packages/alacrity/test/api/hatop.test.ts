import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitFor } from '@tourniquet/testkit'
import { afterAll, expect, it } from 'vitest'
import { findProgram } from '../../../testkit/src/install/find-program.ts'
import { needProgram } from '../../../testkit/src/install/need-program.ts'
import { startRuntimeSocket } from '../../src/api/runtime/index.ts'
import { MemoryWatched } from './watched.ts'

const folder = mkdtempSync(join(tmpdir(), 'alacrity-hatop-'))
const path = join(folder, 'alacrity.sock')
afterAll(() => rmSync(folder, { recursive: true }))

const down = '\u001BOB'
const f10 = '\u001B[21~'

it('hatop shows the servers, puts one into maintenance, and quits', async () => {
  const find = (): string | undefined => findProgram('hatop')
  const hatop = await needProgram({ program: 'hatop', find, debian: { name: 'hatop' }, brew: 'hatop' })
  const watched = new MemoryWatched()
  const place = { file: 'sample.cfg', line: 3 }
  const socket = await startRuntimeSocket({ at: { path }, level: 'admin', place }, watched)
  // `script` gives it the terminal that it draws on.
  const command = `stty rows 40 cols 160; exec ${hatop} -s ${path}`
  const terminal = spawn('script', ['-qfec', command, '/dev/null'], { env: { ...process.env, TERM: 'xterm' } })
  let screen = ''
  terminal.stdout.on('data', (chunk) => {
    screen += String(chunk)
  })
  const exited = once(terminal, 'exit')
  try {
    for (const text of ['alacrity', '1.2.3', 'hnode', 'FRONTEND', 'UP', 'BACKEND']) {
      await waitFor(() => screen.includes(text), { what: `${text} on hatop's screen` })
    }
    // The cursor moves over the lines of proxies, too: down until it stands on a server that F10 disables.
    const disable = (): boolean => {
      if (watched.told.length === 0) terminal.stdin.write(`${down}${f10}`)
      return watched.told.length > 0
    }
    await waitFor(disable, { intervalMs: 200, what: 'a server in maintenance' })
    expect(watched.told[0]).toMatch(/^(db|be)\/[a-e] maint$/)
    await waitFor(() => screen.includes('MAINT'), { what: 'MAINT on the screen' })
  } catch (error) {
    throw new Error(`hatop's screen: ${JSON.stringify(screen.slice(-1_500))}`, { cause: error })
  } finally {
    terminal.stdin.write('q')
    const limit = setTimeout(() => terminal.kill('SIGKILL'), 30_000)
    await exited
    clearTimeout(limit)
    await socket.close()
  }
  expect(terminal.exitCode).toBe(0)
})
