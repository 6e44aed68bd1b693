import { lineConnector, startLineServer } from '@tourniquet/testkit'
import { describeConnector } from '@tourniquet/testkit/conformance'

describeConnector({
  name: 'RoundRobin over line servers',
  start: (name) => startLineServer({ name }),
  connector: () => lineConnector({ role: 'primary' }),
  source: ({ host, port }) => `tcp://${host}:${port}`,
  operations: {
    who: (client) => client.request('WHO'),
    write: (client, id) => client.request(`EXEC ${id}`),
    hang: (client) => client.request('HANG'),
    refuse: (client) => client.request('FAIL NOTFOUND'),
    writeReadOnly: (client) => client.request('VIEW EXEC id'),
  },
  reply: 'OK',
  written: (server) => server.ledger(),
  demote: (server) => server.demote(),
  promote: (server) => server.promote(),
})
