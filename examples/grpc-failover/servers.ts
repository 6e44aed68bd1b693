// Three servers, each a process of its own.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ChildServer, startServer } from '@tourniquet/testkit'

const PROGRAM = fileURLToPath(new URL('server.ts', import.meta.url))

export interface GreeterServer {
  readonly name: string
  /** What a gRPC client dials. */
  readonly target: string
  /** SIGKILL. */
  kill(): Promise<void>
  /** SIGTERM: it finishes what it has begun. */
  shutdown(): Promise<void>
  /** The names in its guest book, also when it is down. */
  book(): string[]
}

/** Starts three; `stop` ends them, and removes their books. */
export async function startServers(names: readonly [string, string, string]) {
  const folder = mkdtempSync(join(tmpdir(), 'grpc-failover-'))
  const children = await Promise.all(names.map((name) => start(name, join(folder, name))))
  const stop = async () => {
    await Promise.all(children.map((child) => child.kill()))
    rmSync(folder, { recursive: true })
  }
  const servers = children.map((child) => serverOf(child, join(folder, child.name)))
  return { servers: servers as [GreeterServer, GreeterServer, GreeterServer], stop }
}

function start(name: string, book: string): Promise<ChildServer> {
  const args = (port: number) => ['--import', 'tsx', PROGRAM, name, String(port), book]
  return startServer({ name, command: process.execPath, args, stopGraceMs: 30_000 })
}

function serverOf(child: ChildServer, book: string): GreeterServer {
  return {
    name: child.name,
    target: `${child.host}:${child.port}`,
    async kill() {
      // First of all, since the testkit looks for its children before it kills: meanwhile it would answer all calls.
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL')
      await child.kill()
    },
    shutdown: () => child.stop(),
    book: () => readFileSync(book, 'utf8').split('\n').slice(0, -1),
  }
}
