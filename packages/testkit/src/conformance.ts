// The suite that every connector must pass. Needs vitest.

export { describeConnector } from './conformance/describe-connector.ts'
export type {
  ConnectorDescription,
  Engine,
  Guarantee,
  Operations,
  Providers,
  TestServer,
} from './conformance/description.ts'

// The proof that all guarantees hold together: writers, a ledger, and faults from a seed

export { describeLedger } from './ledger/describe-ledger.ts'
export type { LedgerDescription, LedgerOptions } from './ledger/description.ts'
export { faultsOf, type LedgerFault, type Struck, standardFaults } from './ledger/faults.ts'
export { type LedgerReport, reportText } from './ledger/report.ts'
export { runLedger } from './ledger/run-ledger.ts'
export { faultScript, type ScriptOptions, type Span, type Strike } from './ledger/script.ts'
