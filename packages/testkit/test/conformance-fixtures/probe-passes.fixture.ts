import { describeConnector } from '../../src/conformance.ts'
import { line, lineConnectorBut } from './line.ts'

describeConnector({ ...line, name: 'probe passes', connector: lineConnectorBut(() => ({ probe: async () => {} })) })
