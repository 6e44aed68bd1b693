import { freePort, startHAProxy, waitFor } from '@tourniquet/testkit'
import { startAlacrity } from './alacrity.ts'
import { ask } from './ask.ts'
import { type Behaviour, type Origin, startOrigin } from './origin.ts'
import { type ComparableRows, comparableRows, type Row, rowsOf } from './rows.ts'

export interface StageOptions {
  /** The servers behind, by the names that the configuration calls them; each program has its own. */
  readonly origins?: { readonly [name: string]: Behaviour }
  /** Lines of `global`, beside those that both always have. */
  readonly global?: string
  /** Lines of `defaults`, beside those that both always have. */
  readonly defaults?: string
  /** The sections. `at(name)` is an address: that of an origin, or of a free port, which is called so from now on. */
  readonly config: (at: (name: string) => string) => string
}

/** One of the two programs, running, with everything that is its own: the same names mean the same thing on both. */
export interface Stage extends AsyncDisposable {
  readonly name: 'haproxy' | 'alacrity'
  port(name: string): number
  origin(name: string): Origin
  /** A command on the runtime socket. */
  admin(command: string): Promise<string>
  /** A row of `show stat`, as it is. */
  row(proxy: string, server: string): Promise<Row>
  /** What can be compared of the rows of a section. */
  rows(section: string): Promise<ComparableRows>
  /** What it wrote to stdout lately that contains this. */
  logged(part: string): readonly string[]
}

export async function startStage(name: Stage['name'], options: StageOptions): Promise<Stage> {
  const origins = await originsOf(options)
  const ports = await portsOf(options, origins)
  const socket = await freePort()
  const config = [
    `global\n  nbthread 1\n  maxconn 2000\n  stats socket ipv4@127.0.0.1:${socket} level admin`,
    options.global ?? '',
    'defaults\n  mode tcp\n  timeout connect 2s\n  timeout client 30s\n  timeout server 30s',
    `  ${options.defaults ?? ''}`,
    options.config((port) => `127.0.0.1:${ports.get(port)}`),
  ].join('\n')
  const program = name === 'haproxy' ? await haproxy(config, socket) : await alacrity(config, socket)
  const admin = (command: string) => ask(socket, command)
  // The runtime socket may be there first; what it shows has been set up.
  await waitFor(
    async () => (await admin('show stat')).includes(`\n${config.match(/^(?:listen|frontend) (\S+)/m)?.[1]}`),
    { what: `${name} to listen` },
  )
  return {
    name,
    port: (wanted) => known(ports, wanted),
    origin: (wanted) => known(origins, wanted),
    admin,
    async row(proxy, server) {
      const rows = rowsOf(await admin('show stat'))
      return known(new Map(rows.map((row) => [`${row.pxname}/${row.svname}`, row])), `${proxy}/${server}`)
    },
    rows: async (section) => comparableRows(rowsOf(await admin('show stat')), section, ports),
    logged: (part) =>
      program
        .output()
        .split('\n')
        .filter((line) => line.includes(part)),
    async [Symbol.asyncDispose]() {
      await program.stop()
      for (const origin of origins.values()) await origin[Symbol.asyncDispose]()
    },
  }
}

async function originsOf({ origins = {} }: StageOptions): Promise<Map<string, Origin>> {
  const started = new Map<string, Origin>()
  for (const [name, behaviour] of Object.entries(origins))
    started.set(name, await startOrigin(behaviour, await freePort()))
  return started
}

async function portsOf({ config }: StageOptions, origins: ReadonlyMap<string, Origin>): Promise<Map<string, number>> {
  const ports = new Map([...origins].map(([name, { port }]) => [name, port]))
  const names = new Set<string>()
  config((name) => {
    names.add(name)
    return ''
  })
  for (const name of names) if (!ports.has(name)) ports.set(name, await freePort())
  return ports
}

async function haproxy(config: string, port: number) {
  const server = await startHAProxy({ config, port })
  return { output: () => server.output, stop: () => server[Symbol.asyncDispose]() }
}

async function alacrity(config: string, port: number) {
  const running = await startAlacrity({ config, port })
  return { output: () => running.server.output, stop: () => running[Symbol.asyncDispose]() }
}

function known<Value>(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name)
  if (value === undefined) throw new Error(`there is no ${name} here: ${[...values.keys()].join(', ')}`)
  return value
}
