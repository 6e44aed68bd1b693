import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ChildServer, startServer } from '@tourniquet/testkit'

/** What its command runs. */
export const cli: string = fileURLToPath(new URL('../../src/cli.ts', import.meta.url))

export interface AlacrityOptions {
  /** The port that it must accept on to count as started: the first `bind` of the configuration. */
  readonly port: number
  readonly config: string
  /** Further arguments. */
  readonly args?: readonly string[]
  /** The Node that runs it. Default: the one that runs the tests. */
  readonly node?: string
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>
  /** How many files it may have open. Default: as many as the tests. */
  readonly openFiles?: number
}

/** The balancer as its users run it: a process of its own, with a file. */
export interface Alacrity extends AsyncDisposable {
  readonly server: ChildServer
  readonly file: string
  readonly folder: string
  /** Another configuration into its file; it is read at the next SIGHUP. */
  rewrite(config: string): void
  signal(signal: NodeJS.Signals): void
}

export async function startAlacrity({
  port,
  config,
  args = [],
  node = process.execPath,
  env = {},
  openFiles,
}: AlacrityOptions): Promise<Alacrity> {
  const folder = mkdtempSync(join(tmpdir(), 'alacrity-'))
  const file = join(folder, 'haproxy.cfg')
  writeFileSync(file, config)
  // Newer ones read TypeScript themselves.
  const loader = node === process.execPath ? ['--import', 'tsx'] : []
  const limited = openFiles === undefined ? [] : ['-c', `ulimit -n ${openFiles} && exec "$0" "$@"`, node]
  const server = await startServer({
    name: 'alacrity',
    command: openFiles === undefined ? node : 'sh',
    args: [...limited, ...loader, cli, '-f', file, ...args],
    port,
    env,
    stopGraceMs: 5_000,
    ...(!args.includes('--quiet') && { ready: ({ output }) => isListening(output) }),
  })
  return {
    server,
    file,
    folder,
    rewrite: (text) => writeFileSync(file, text),
    signal: (signal) => void process.kill(server.pid as number, signal),
    async [Symbol.asyncDispose]() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** It listens on everything, as it says itself. Warnings enough before that would push it out of what is kept. */
function isListening(output: string): boolean {
  return / listens on /.test(output) || output.length > 4_000
}
