import { describeConnector } from '../../src/conformance.ts'
import { line, lineConnectorBut } from './line.ts'

describeConnector({
  ...line,
  name: 'never calls lost',
  connector: lineConnectorBut((honest) => ({
    connect: (source, { signal }) => honest.connect(source, { signal, lost: () => {} }),
  })),
})
