import { describeConnector } from '../../src/conformance.ts'
import { line } from './line.ts'

describeConnector({ ...line, name: 'honest' })
