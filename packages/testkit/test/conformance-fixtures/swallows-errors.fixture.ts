import { describeConnector } from '../../src/conformance.ts'
import { clientBut, line, lineConnectorBut } from './line.ts'

describeConnector({
  ...line,
  name: 'swallows errors',
  connector: lineConnectorBut((honest) => ({
    async connect(source, context) {
      const client = await honest.connect(source, context)
      return clientBut(client, (command) => client.request(command).catch(() => ''))
    },
  })),
})
