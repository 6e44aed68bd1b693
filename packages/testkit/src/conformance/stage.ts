import { startProxy } from '../proxy/fault-proxy.ts'
import type { AnyDescription, TestServer } from './description.ts'
import { roundRobinOf, runVia, sourceAt, startServers } from './kind.ts'
import type { StagedProvider } from './scene.ts'
import { until } from './words.ts'

const NAMES = ['A', 'B', 'C']

/** The servers that all tests of one description share: started once, healed before each test. */
export class Stage {
  readonly description: AnyDescription
  readonly #servers: { readonly name: string; readonly server: TestServer; isDemoted: boolean }[] = []
  /** What `who` answers, and whose answer it is. */
  readonly #names = new Map<string, string>()
  #ids = 0

  constructor(description: AnyDescription) {
    this.description = description
  }

  async start(): Promise<void> {
    const servers = await startServers(this.description, NAMES)
    for (const [at, server] of servers.entries()) {
      this.#servers.push({ name: NAMES[at] as string, server, isDemoted: false })
    }
    for (const { name, server } of this.#servers) await this.#learn(name, server)
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map(({ server }) => server[Symbol.asyncDispose]()))
  }

  /** Puts a fresh proxy before each of the first `count` servers, all of which are well. */
  async providers(count: number): Promise<StagedProvider[]> {
    await Promise.all(this.#servers.map((each) => this.#heal(each)))
    return Promise.all(this.#servers.slice(0, count).map((each) => this.#provider(each)))
  }

  /** Whose answer to `who` this is. */
  nameOf(answer: unknown): string {
    return this.#names.get(String(answer)) ?? `an unknown server (${answer})`
  }

  id(): string {
    return `id-${++this.#ids}`
  }

  /** Learns what this server answers to `who`. */
  async #learn(name: string, server: TestServer): Promise<void> {
    const { description } = this
    const rr = roundRobinOf(description, [sourceAt(description, server, server)], description.connector(), {})
    try {
      const answer = String(await runVia(description, rr, (client) => description.operations.who(client)))
      const other = this.#names.get(answer)
      if (other) {
        throw new TypeError(`operations.who must tell the servers apart; ${other} and ${name} both answer ${answer}`)
      }
      this.#names.set(answer, name)
    } finally {
      await rr.close({ drainMs: 0 })
    }
  }

  async #heal(each: { readonly server: TestServer; isDemoted: boolean }): Promise<void> {
    const { server } = each
    if (server.state === 'frozen') await server.thaw()
    if (server.state === 'stopped') await server.restart()
    if (each.isDemoted) await this.description.promote?.(server)
    each.isDemoted = false
  }

  async #provider(staged: { readonly name: string; readonly server: TestServer; isDemoted: boolean }) {
    const { name, server } = staged
    const { description } = this
    const proxy = await startProxy({ host: server.host, port: server.port })
    return {
      name,
      server,
      proxy,
      async down() {
        await proxy.refuse()
        proxy.cut()
      },
      up: () => proxy.pass(),
      async demote() {
        staged.isDemoted = true
        await description.demote?.(server)
      },
      async isBusy(hanging: number) {
        const isSo = async () => ((await description.hanging?.(server)) ?? hanging) >= hanging
        await until(isSo, `${name} never began ${hanging} of hang()`)
      },
      async written() {
        const ids = await description.written(server)
        return (id: string) => ids.filter((each) => each === id).length
      },
    }
  }
}
