import type { Options } from '@tourniquet/core'
import type { Engine, Operations, Providers, TestServer } from '../conformance/description.ts'
import type { LedgerFault } from './faults.ts'

/** What {@link runLedger} and {@link describeLedger} are told: a `ConnectorDescription` will do. */
export interface LedgerDescription<Source, Service, Client, Server, Own, RR>
  extends Providers<Source, Service, Client, Server, Own, RR> {
  readonly operations: Pick<Operations<Client>, 'write'>
  /**
   * All ids that are in the ledger at the end, each as often as it is. Default: what was written to each of the servers,
   * together; where they replicate to each other, it must be read from one.
   */
  read?(servers: readonly Server[]): Promise<readonly string[]>
}

/** How a ledger is run. */
export interface LedgerOptions<Server = TestServer> {
  /** How many servers. Default 3. */
  readonly providers?: number | undefined
  /** How many write at the same time, each one id after the other. Default 20. */
  readonly writers?: number | undefined
  /** It ends when so many writes were acknowledged and the last fault is healed. Default 1000. */
  readonly operations?: number | undefined
  /** How many faults. Default 100, which takes about 15 s. */
  readonly strikes?: number | undefined
  /** Which faults there are; each comes equally often. Default: `faultsOf(description)`. */
  readonly faults?: readonly LedgerFault<Server>[] | undefined
  /** What the script of faults is made from: a whole number from 0. Default 1. */
  readonly seed?: number | undefined
  /** It ends after so many milliseconds, however many writes were acknowledged: then that is a problem. Default 60,000. */
  readonly limitMs?: number | undefined
  /** How long the last writes may take once all is well again, in milliseconds; then they are pending. Default 10,000. */
  readonly settleMs?: number | undefined
  /** Over the harness's own: short time limits, heartbeats, and never idempotent. */
  readonly options?: Options | undefined
  /** Where the seed and the report are printed. Default `console.log`. */
  readonly log?: ((text: string) => void) | undefined
}

/** Any description, for the harness itself. */
export type AnyLedger = LedgerDescription<unknown, unknown, unknown, TestServer, unknown, Engine<unknown, unknown>>
