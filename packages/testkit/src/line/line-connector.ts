import { parseAddress } from '../target.ts'
import { LineClient } from './line-client.ts'
import { LineError, NOT_SENT } from './line-error.ts'

/** Whose fault an error is; `undefined` where the connector has no opinion. */
export type LineVerdict = 'caller' | 'next' | 'unsure' | 'suspect' | undefined

/** A connector for line servers: sources are URLs such as `tcp://127.0.0.1:6000`. */
export interface LineConnector {
  connect(source: string, context: { signal: AbortSignal; lost: (error: unknown) => void }): Promise<LineClient>
  disconnect(client: LineClient): Promise<void>
  probe(client: LineClient, context: { signal: AbortSignal }): Promise<void>
  judge(error: unknown, phase: 'connect' | 'run'): LineVerdict
}

/** Refusals by which a server says that it cannot serve anybody now. */
const NOT_SERVING: ReadonlySet<string> = new Set(['READONLY', 'LOADING'])

/** Makes a connector: the smallest complete one, to try an engine with. */
export function lineConnector(): LineConnector {
  return {
    connect: async (source, { signal, lost }) =>
      await LineClient.connect({ ...parseAddress('source', source), signal, onLost: lost }),
    disconnect: (client) => client.close(),
    probe: async (client, { signal }) => {
      await client.request('PING', { signal })
    },
    judge: (error) => {
      if (error instanceof LineError) return NOT_SERVING.has(error.word) ? 'next' : 'caller'
      return (error as NodeJS.ErrnoException | undefined)?.code === NOT_SENT ? 'next' : undefined
    },
  }
}
