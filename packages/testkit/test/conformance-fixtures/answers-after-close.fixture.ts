import { describeConnector } from '../../src/conformance.ts'
import { LineClient } from '../../src/index.ts'
import { clientBut, line, lineConnectorBut } from './line.ts'

// A service that connects again by itself when it is asked after it was closed.

describeConnector({
  ...line,
  name: 'answers after close',
  connector: lineConnectorBut((honest) => {
    const closed = new WeakSet<LineClient>()
    return {
      async connect(source, context) {
        const client = await honest.connect(source, context)
        const again = async (command: string) => {
          const other = await LineClient.connect({ port: Number(new URL(source).port) })
          const reply = await other.request(command)
          await other.close()
          return reply
        }
        const own = clientBut(client, (command) => (closed.has(own) ? again(command) : client.request(command)))
        return own
      },
      async disconnect(client) {
        closed.add(client)
        await client.close()
      },
    }
  }),
})
