import { lineConnector, startLineServer } from '@tourniquet/testkit'
import { describeLedger } from '@tourniquet/testkit/conformance'

describeLedger(
  {
    name: 'RoundRobin over line servers',
    start: (name) => startLineServer({ name }),
    connector: () => lineConnector({ role: 'primary' }),
    source: ({ host, port }) => `tcp://${host}:${port}`,
    operations: { write: (client, id) => client.request(`EXEC ${id}`) },
    written: (server) => server.ledger(),
    demote: (server) => server.demote(),
    promote: (server) => server.promote(),
  },
  { operations: 50_000 },
)
