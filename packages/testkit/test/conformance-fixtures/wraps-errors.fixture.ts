import { OutcomeUnknownError, RoundRobin } from '@tourniquet/core'
import { describeConnector } from '../../src/conformance.ts'
import { line } from './line.ts'

// Its own class takes every failure for a lost reply, and says so with an error of ours.

class Hasty<Source, Service> extends RoundRobin<Source, Service> {
  override async run<T>(...args: Parameters<RoundRobin<Source, Service>['run']>): Promise<T> {
    try {
      return (await super.run(...args)) as T
    } catch (cause) {
      throw new OutcomeUnknownError('it failed', { cause, outcome: 'unknown', attempts: [] })
    }
  }
}

describeConnector({
  ...line,
  name: 'wraps errors',
  roundRobin: (sources, connector, options) => new Hasty(sources, connector, options),
})
