import { InvalidError } from './errors.ts'

/**
 * Whose fault an error is, and whether the operation may have been applied:
 *
 * - `'caller'`: the caller's own error (not found, permission, syntax). Any provider would say the same: it is
 *   rethrown as the same object, and the provider stays.
 * - `'next'`: the provider's fault, and the operation was certainly not applied (refused, never sent). The next
 *   provider runs it again.
 * - `'unsure'`: the provider's fault, and the operation may have been applied. The next provider runs it again only if
 *   the run is `idempotent`; else it rejects with `OutcomeUnknownError`.
 * - `'suspect'`: the operation may have been applied, the provider may be well. It is probed: if the probe fails, or
 *   there is none, this is `'unsure'`; if it passes the provider stays, an idempotent run goes again on it, and any
 *   other rejects with `OutcomeUnknownError`.
 */
export type Verdict = 'caller' | 'next' | 'unsure' | 'suspect'

/** What was being done when an error came: opening a service, or running the caller's function on it. */
export type Phase = 'connect' | 'run'

/** What a connector is told when it is asked to connect. */
export interface ConnectContext {
  /**
   * Aborts when this connect is given up (time-out, `close`, source removed); never after `connect` resolved. Clean up
   * then what is half open: destroy the socket.
   */
  readonly signal: AbortSignal
  /**
   * Tells the engine that this service died on its own. Before `connect` resolved it fails that connect; afterwards
   * the engine leaves the provider at once. Calls after the first are ignored.
   */
  readonly lost: (error?: unknown) => void
}

/** What a probe is told. */
export interface ProbeContext<Source> {
  /** Aborts when the probe is given up: after `probeTimeoutMs`, or because its service is about to be disconnected. */
  readonly signal: AbortSignal
  readonly source: Source
}

/**
 * How to open, check, judge and close one kind of service. `connect` is all that is needed.
 *
 * @typeParam Source - what identifies a provider: a URL, an options object
 * @typeParam Service - the connected handle: a socket, pool, channel or client
 */
export interface Connector<Source, Service> {
  /** Opens the service. Rejecting (or throwing) means that this provider cannot be used now. */
  connect(source: Source, context: ConnectContext): Service | Promise<Service>
  /**
   * Closes the service, and settles whatever is still pending on it. Called exactly once for each service that was
   * opened, also one that opened too late. It has `drainMs` (at least 1 s) and is then abandoned; what it throws goes
   * to the `disconnect` event.
   */
  disconnect?(service: Service, source: Source): void | Promise<void>
  /**
   * Judges an error. `undefined` leaves it to the default table (`defaultVerdict`). A promise may ask the server and is
   * given `probeTimeoutMs`. If it throws, the operation's own error is rethrown to the caller.
   */
  judge?(error: unknown, phase: Phase): Verdict | undefined | Promise<Verdict | undefined>
  /** One active check of an open service; rejecting (or throwing) means that it is not healthy. */
  probe?(service: Service, context: ProbeContext<Source>): void | Promise<void>
  /**
   * Names a provider in errors, events and `providers`. Default: a string or URL without password and query, the
   * `host:port` of an options object, else `#1`, `#2` …
   */
  id?(source: Source): string
}

/** @throws InvalidError that says what of the connector is not as expected */
export function assertConnector<Source, Service>(connector: Connector<Source, Service>): void {
  if (typeof connector?.connect !== 'function') {
    throw new InvalidError('the connector must be an object with a function connect(source, { signal, lost })')
  }
  for (const name of ['disconnect', 'judge', 'probe', 'id'] as const) {
    if (connector[name] === undefined || typeof connector[name] === 'function') continue
    throw new InvalidError(`the connector's ${name} must be a function, or left out; got ${typeof connector[name]}`)
  }
}
