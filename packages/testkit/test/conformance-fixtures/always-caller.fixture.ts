import { describeConnector } from '../../src/conformance.ts'
import { line, lineConnectorBut } from './line.ts'

describeConnector({ ...line, name: 'always caller', connector: lineConnectorBut(() => ({ judge: () => 'caller' })) })
