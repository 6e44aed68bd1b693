import { describeConnector } from '../../src/conformance.ts'
import { line, lineConnectorBut } from './line.ts'

describeConnector({
  ...line,
  name: 'ignores its signal',
  connector: lineConnectorBut((honest) => ({
    connect: (source, { lost }) => honest.connect(source, { signal: new AbortController().signal, lost }),
  })),
})
