import { describeConnector } from '../../src/conformance.ts'
import { clientBut, line, lineConnectorBut } from './line.ts'

// What is in flight when its service is disconnected never settles.

describeConnector({
  ...line,
  name: 'leaves work pending',
  connector: lineConnectorBut((honest) => ({
    async connect(source, context) {
      const client = await honest.connect(source, context)
      const request = (command: string) =>
        client
          .request(command)
          .catch((error) => (error.code === 'ECONNABORTED' ? new Promise<never>(() => {}) : Promise.reject(error)))
      return clientBut(client, request)
    },
  })),
})
