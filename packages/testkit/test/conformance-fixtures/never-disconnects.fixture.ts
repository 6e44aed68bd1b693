import { describeConnector } from '../../src/conformance.ts'
import { line, lineConnectorBut } from './line.ts'

describeConnector({
  ...line,
  name: 'never disconnects',
  connector: lineConnectorBut(() => ({ disconnect: async () => {} })),
})
