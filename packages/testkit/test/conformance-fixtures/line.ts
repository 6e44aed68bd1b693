import {
  type LineClient,
  type LineConnector,
  type LineServer,
  lineConnector,
  startLineServer,
} from '../../src/index.ts'

/** What each fixture describes: an honest connector, with something changed. */
export const line = {
  start: (name: string) => startLineServer({ name }),
  connector: () => lineConnector({ role: 'primary' }),
  source: ({ host, port }: { host: string; port: number }) => `tcp://${host}:${port}`,
  operations: {
    who: (client: Requests) => client.request('WHO'),
    write: (client: Requests, id: string) => client.request(`EXEC ${id}`),
    hang: (client: Requests) => client.request('HANG'),
    refuse: (client: Requests) => client.request('FAIL NOTFOUND'),
    writeReadOnly: (client: Requests) => client.request('VIEW EXEC id'),
  },
  reply: 'OK',
  written: (server: LineServer) => server.ledger(),
  demote: (server: LineServer) => server.demote(),
  promote: (server: LineServer) => server.promote(),
}

/** What the operations need of a service. */
export interface Requests {
  request(command: string): Promise<unknown>
}

/** An honest connector, with something changed. */
export function lineConnectorBut(change: (honest: LineConnector) => Partial<LineConnector>): () => LineConnector {
  return () => {
    const honest = lineConnector({ role: 'primary' })
    return { ...honest, ...change(honest) }
  }
}

/** The same client, whose requests go through `request`. */
export function clientBut(client: LineClient, request: (command: string) => Promise<string>): LineClient {
  return new Proxy(client, {
    get(target, name) {
      if (name === 'request') return request
      const member = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
