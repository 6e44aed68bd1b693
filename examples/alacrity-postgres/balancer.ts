// A balancer as one runs it: a process of its own, with a configuration file.
import { fileURLToPath } from 'node:url'
import { type ChildServer, freePort, type PostgresServer, startServer } from '@tourniquet/testkit'

const alacrity = fileURLToPath(import.meta.resolve('@tourniquet/alacrity/cli'))
const file = fileURLToPath(new URL('haproxy.cfg', import.meta.url))

export interface RunningBalancer extends AsyncDisposable {
  readonly process: ChildServer
  /** Of each server, how many connections it was given so far, and its status: `UP`, `DOWN` … */
  servers(): Promise<readonly ServerStand[]>
}

export interface ServerStand {
  readonly name: string
  readonly status: string
  readonly connections: number
}

export async function startBalancer(name: string, servers: readonly PostgresServer[]): Promise<RunningBalancer> {
  const [port, statistics] = [await freePort(), await freePort()]
  const addresses = servers.map((server) => [server.name, String(server.port)])
  const child = await startServer({
    name,
    command: process.execPath,
    // Once it is installed that is: alacrity -f haproxy.cfg
    args: ['--import', 'tsx', alacrity, '-f', file],
    env: { LISTEN: String(port), STATISTICS: String(statistics), ...Object.fromEntries(addresses) },
    port,
    startTimeoutMs: 20_000,
  })
  return {
    process: child,
    servers: () => serversOf(`http://127.0.0.1:${statistics}/;csv`),
    [Symbol.asyncDispose]: () => child.stop(),
  }
}

/** HAProxy's CSV: its first line has the names of the columns. */
async function serversOf(url: string): Promise<ServerStand[]> {
  const [names = '', ...lines] = (await (await fetch(url)).text()).trimEnd().split('\n')
  const columns = names.replace(/^# /, '').split(',')
  const rows = lines.map((line) => {
    const cells = line.split(',')
    return (column: string) => cells[columns.indexOf(column)] ?? ''
  })
  return rows
    .filter((cell) => cell('pxname') === 'postgres' && !['FRONTEND', 'BACKEND'].includes(cell('svname')))
    .map((cell) => ({ name: cell('svname'), status: cell('status'), connections: Number(cell('stot')) }))
}
