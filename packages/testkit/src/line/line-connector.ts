import { badInput } from '../bad-input.ts'
import { parseAddress } from '../target.ts'
import { LineClient } from './line-client.ts'
import { LineError, NOT_SENT } from './line-error.ts'

/** Whose fault an error is; `undefined` where the connector has no opinion. */
export type LineVerdict = 'caller' | 'next' | 'unsure' | 'suspect' | undefined

export interface LineConnectorOptions {
  /** `primary`: connects to no server that refuses to write, and its probe looks for that too. Default `any`. */
  role?: 'any' | 'primary'
}

/** A connector for line servers: sources are URLs such as `tcp://127.0.0.1:6000`. */
export interface LineConnector {
  connect(source: string, context: { signal: AbortSignal; lost: (error: unknown) => void }): Promise<LineClient>
  disconnect(client: LineClient): Promise<void>
  probe(client: LineClient, context: { signal: AbortSignal }): Promise<void>
  judge(error: unknown, phase: 'connect' | 'run'): LineVerdict
}

/** Refusals by which a server says that it cannot serve anybody now. */
const NOT_SERVING: ReadonlySet<string> = new Set(['READONLY', 'LOADING'])

/**
 * Makes a connector: the smallest complete one, to try an engine with.
 *
 * @throws TypeError if an option is not what it must be
 */
export function lineConnector({ role = 'any' }: LineConnectorOptions = {}): LineConnector {
  if (role !== 'any' && role !== 'primary') throw badInput('role', "'any' or 'primary'", role)
  return {
    connect: async (source, { signal, lost }) => {
      const client = await LineClient.connect({ ...parseAddress('source', source), signal, onLost: lost })
      if (role === 'primary') await isPrimary(client, signal).catch((error) => closeAndThrow(client, error))
      return client
    },
    disconnect: (client) => client.close(),
    probe: async (client, { signal }) => {
      await (role === 'primary' ? isPrimary(client, signal) : client.request('PING', { signal }))
    },
    judge: (error) => {
      if (error instanceof LineError) return NOT_SERVING.has(error.word) ? 'next' : 'caller'
      return (error as NodeJS.ErrnoException | undefined)?.code === NOT_SENT ? 'next' : undefined
    },
  }
}

/** Rejects as a refused write does, if the server is none. */
async function isPrimary(client: LineClient, signal: AbortSignal): Promise<void> {
  const role = await client.request('ROLE', { signal })
  if (role !== 'primary') throw new LineError(`READONLY its role is ${role}`)
}

async function closeAndThrow(client: LineClient, error: unknown): Promise<never> {
  await client.close()
  throw error
}
