import { waitFor } from '@tourniquet/testkit'
import { Client } from './client.ts'
import type { Stage } from './stage.ts'

/** A connection to an origin that says its name (`stays`), until it is let go. */
export interface Held {
  /** Who it is with; `nobody`: it was closed without a word. */
  readonly name: string
  readonly client: Client
  release(): Promise<void>
}

export async function hold(port: number, localAddress = '127.0.0.1'): Promise<Held> {
  const client = new Client(port, { localAddress })
  await waitFor(() => client.received !== '' || client.isOver, { what: 'a greeting' })
  return {
    name: client.received || 'nobody',
    client,
    async release() {
      client.socket.end()
      await client.over
    },
  }
}

/** One after the other. */
export async function holdAll(stage: Stage, section: string, count: number): Promise<Held[]> {
  const held: Held[] = []
  for (let at = 0; at < count; at++) held.push(await hold(stage.port(section)))
  return held
}

/** Who greets a connection, which is closed then. */
export async function greeted(port: number, localAddress = '127.0.0.1'): Promise<string> {
  const held = await hold(port, localAddress)
  await held.release()
  return held.name
}

export const namesOf = (held: readonly Held[]): string => held.map(({ name }) => name).join(' ')
