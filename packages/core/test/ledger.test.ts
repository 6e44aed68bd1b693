import { type LineClient, type LineServer, lineConnector, startLineServer } from '@tourniquet/testkit'
import { describeLedger } from '@tourniquet/testkit/conformance'

const line = {
  name: 'RoundRobin over line servers',
  start: (name: string) => startLineServer({ name }),
  connector: () => lineConnector({ role: 'primary' }),
  source: ({ host, port }: { host: string; port: number }) => `tcp://${host}:${port}`,
  operations: { write: (client: LineClient, id: string) => client.request(`EXEC ${id}`) },
  written: (server: LineServer) => server.ledger(),
  demote: (server: LineServer) => server.demote(),
  promote: (server: LineServer) => server.promote(),
}

// It takes a few seconds; the limit is for a busy machine.
const long = { operations: 50_000, strikes: 50, limitMs: 240_000 }

describeLedger(line, long)

describeLedger(
  { ...line, name: `${line.name}, with a spare` },
  {
    ...long,
    options: { standby: true, hedgeMs: 20, failback: { afterMs: 100, intervalMs: 20 } },
  },
)
