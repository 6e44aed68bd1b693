import { describeConnector } from '../../src/conformance.ts'
import type { LineClient } from '../../src/index.ts'
import { line, lineConnectorBut } from './line.ts'

// It opens two connections, and uses one. Both are closed in the end.

const idle = new Map<LineClient, LineClient>()

describeConnector({
  ...line,
  name: 'connects twice',
  connector: lineConnectorBut((honest) => ({
    async connect(source, context) {
      const client = await honest.connect(source, context)
      idle.set(client, await honest.connect(source, { ...context, lost: () => {} }))
      return client
    },
    async disconnect(client) {
      await Promise.all([client.close(), idle.get(client)?.close()])
    },
  })),
})
