import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ChildServer, freePort, type LineServer, startServer, waitFor } from '@tourniquet/testkit'
import { BACKEND, configurationOf, type Ports } from './configuration.ts'
import { type Row, readRows } from './rows.ts'

const cli = fileURLToPath(import.meta.resolve('@tourniquet/alacrity/cli'))

/** alacrity as its users run it: a process of its own, with a file that is changed and read again. */
export class RunningBalancer implements AsyncDisposable {
  readonly port: number
  /** The address of its page. */
  readonly page: string
  readonly #api: string
  readonly #process: ChildServer
  readonly #file: string
  readonly #ports: Ports

  private constructor(process: ChildServer, file: string, ports: Ports, apiPort: number) {
    this.#process = process
    this.#file = file
    this.#ports = ports
    this.#api = `http://127.0.0.1:${apiPort}`
    this.port = ports.work
    this.page = `http://127.0.0.1:${ports.statistics}/`
  }

  static async start(servers: readonly LineServer[]): Promise<RunningBalancer> {
    const ports = { work: await freePort(), statistics: await freePort() }
    const apiPort = await freePort()
    const file = join(mkdtempSync(join(tmpdir(), 'tourniquet-alacrity-')), 'haproxy.cfg')
    writeFileSync(file, configurationOf(ports, servers))
    const process = await startServer({
      name: 'alacrity',
      command: globalThis.process.execPath,
      args: ['--import', 'tsx', cli, '-f', file, '--api', `127.0.0.1:${apiPort}`],
      // What listens last. Not the port of the servers: their connections are counted.
      port: apiPort,
      startTimeoutMs: 20_000,
    })
    return new RunningBalancer(process, file, ports, apiPort)
  }

  /** Of the frontend, its servers and its backend. */
  async rows(): Promise<readonly Row[]> {
    return (await readRows(`${this.page};csv`)).filter(({ proxy }) => proxy === BACKEND)
  }

  /** Changes the file, and sends SIGHUP. Resolves when it is in force. */
  async reload(servers: readonly LineServer[]): Promise<void> {
    this.#tell(configurationOf(this.#ports, servers))
    const names = servers.map(({ name }) => name).join()
    await waitFor(async () => {
      const rows = await this.rows()
      return rows.flatMap(({ kind, name }) => (kind === 'server' ? [name] : [])).join() === names
    })
  }

  /** Changes the file to one with a mistake, and sends SIGHUP. Resolves to what it says to that. */
  async reloadWrongly(servers: readonly LineServer[]): Promise<string> {
    const before = this.#process.output.length
    this.#tell(configurationOf(this.#ports, servers).replace('leastconn', 'leastcon'))
    const complaint = () => /haproxy\.cfg(:\d+: .*)/.exec(this.#process.output.slice(before))
    const [, text = ''] = await waitFor(() => complaint() ?? undefined)
    return `haproxy.cfg${text}`
  }

  /** By its management API. Resolves when it is in force. */
  async setState(server: string, state: 'ready' | 'drain'): Promise<void> {
    const response = await fetch(`${this.#api}/servers/${BACKEND}/${server}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ state }),
    })
    if (!response.ok) throw new Error(`${server} could not be set to ${state}: ${await response.text()}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stop()
    rmSync(join(this.#file, '..'), { recursive: true, force: true })
  }

  #tell(configuration: string): void {
    writeFileSync(this.#file, configuration)
    if (this.#process.pid !== undefined) process.kill(this.#process.pid, 'SIGHUP')
  }
}
