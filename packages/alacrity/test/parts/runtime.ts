import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach } from 'vitest'
import { type RuntimeSocket, startRuntimeSocket } from '../../src/api/runtime/index.ts'
import type { StatsSocket } from '../../src/config/model.ts'
import { MemoryWatched } from '../api/watched.ts'

/** Runtime sockets in front of servers that are made up: new for each test of a file. */
interface Runtime {
  readonly folder: string
  /** Where a socket listens, unless `start` is told another place. */
  readonly path: string
  watched: MemoryWatched
  readonly start: (level?: StatsSocket['level'], at?: StatsSocket['at']) => Promise<void>
  /** All that were started. */
  close(): Promise<void>
}

export function runtimeOfFile(): Runtime {
  const folder = mkdtempSync(join(tmpdir(), 'alacrity-runtime-'))
  const running: RuntimeSocket[] = []
  const runtime: Runtime = {
    folder,
    path: join(folder, 'alacrity.sock'),
    watched: new MemoryWatched(),
    async start(level = 'admin', at = { path: runtime.path }) {
      const place = { file: 'sample.cfg', line: 3 }
      running.push(await startRuntimeSocket({ at, level, mode: 0o600, place }, runtime.watched))
    },
    async close() {
      await Promise.all(running.splice(0).map((socket) => socket.close()))
    },
  }
  beforeEach(() => {
    runtime.watched = new MemoryWatched()
  })
  afterEach(() => runtime.close())
  afterAll(() => rmSync(folder, { recursive: true }))
  return runtime
}
