import { LineClient } from '@tourniquet/testkit'
import { pause } from '../../pause.ts'
import type { Connection } from './connections.ts'

/** They connect, ask up to three times, and leave, as web servers without a pool do. */
const CALLERS = 40
const CALLER_REST_MS = 150
const CALLS_MOST = 3
/** They stay connected and ask now and then, as a pool does. */
const SITTERS = 30
const SITTER_REST_MS = 100
const WORK_MS = [1, 3, 6, 9, 20]

/** A request that was answered. */
interface Answer {
  readonly id: string
  readonly server: string
  readonly at: number
  readonly ms: number
}

type Ask = () => Promise<void>

/** The clients of the balancer, and what they saw. */
export class Clients {
  readonly connections: Connection[] = []
  readonly answers: Answer[] = []
  asked = 0
  failed = 0
  readonly #port: number

  constructor(port: number) {
    this.#port = port
  }

  /** Resolves when `signal` has aborted and all connections have ended. */
  async load(signal: AbortSignal): Promise<void> {
    const callers = Array.from({ length: CALLERS }, () => this.#caller(signal))
    const sitters = Array.from({ length: SITTERS }, () => this.#sitter(signal))
    await Promise.all([...callers, ...sitters])
  }

  async #caller(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await rest(CALLER_REST_MS, signal)
      if (signal.aborted) return
      const calls = 1 + Math.floor(Math.random() * CALLS_MOST)
      await this.#connection(async (ask) => {
        for (let call = 0; call < calls; call++) await ask()
      })
    }
  }

  async #sitter(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#connection(async (ask) => {
        for (; !signal.aborted; await rest(SITTER_REST_MS, signal)) await ask()
      })
    }
  }

  /** Opens one, uses it, and writes down how it ended. */
  async #connection(use: (ask: Ask) => Promise<void>): Promise<void> {
    const connection: Connection = { openedAt: performance.now() }
    this.connections.push(connection)
    const onLost = (error: Error) => end(connection, error)
    try {
      const client = await LineClient.connect({ port: this.#port, onLost })
      const server = client.greeting.replace('HELLO ', '')
      connection.server = server
      await use(() => this.#ask(client, server))
      await client.close()
      end(connection)
    } catch (error) {
      end(connection, error as Error)
    }
  }

  async #ask(client: LineClient, server: string): Promise<void> {
    const id = String(++this.asked)
    const startedAt = performance.now()
    try {
      await client.request(`EXEC ${id} ${WORK_MS[this.asked % WORK_MS.length]}`)
    } catch (error) {
      this.failed += 1
      throw error
    }
    const at = performance.now()
    this.answers.push({ id, server, at, ms: at - startedAt })
  }
}

/** The first end counts: who is idle when it is cut finds out later. */
function end(connection: Connection, error?: NodeJS.ErrnoException): void {
  if (connection.endedAt !== undefined) return
  connection.endedAt = performance.now()
  if (error) connection.cut = error.code ?? error.message
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return pause(ms * (0.5 + Math.random()), signal)
}
