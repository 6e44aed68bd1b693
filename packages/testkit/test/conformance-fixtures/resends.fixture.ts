import { describeConnector } from '../../src/conformance.ts'
import { LineClient, type LineError } from '../../src/index.ts'
import { clientBut, line, lineConnectorBut } from './line.ts'

// A driver that connects again by itself, and sends again what had no reply.

describeConnector({
  ...line,
  name: 'resends',
  connector: lineConnectorBut((honest) => ({
    async connect(source, context) {
      const client = await honest.connect(source, context)
      const again = async (command: string, error: NodeJS.ErrnoException | LineError) => {
        if (!('code' in error) || error.code !== 'ECONNRESET') throw error
        const other = await LineClient.connect({ port: Number(new URL(source).port) })
        const reply = await other.request(command)
        await other.close()
        return reply
      }
      return clientBut(client, (command) => client.request(command).catch((error) => again(command, error)))
    },
  })),
})
