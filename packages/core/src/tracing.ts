// The only file of this package that imports a Node built-in: an entry of its own, so that the engine runs anywhere.
import { channel } from 'node:diagnostics_channel'
import { type Events, eventNames, type Listener } from './events.ts'

/** What can be traced: any `RoundRobin`. */
export interface Traceable<Source> {
  on<Name extends keyof Events>(event: Name, listener: Listener<Events<Source>[Name]>): () => void
}

/**
 * Publishes every event of `rr` on a channel of `node:diagnostics_channel`: `failover` on `tourniquet:failover`, and so
 * on, for metrics and logs that are set up elsewhere. The message is what a listener of the event gets; the `name` option
 * tells one `RoundRobin` from another.
 *
 * @returns the function that ends it
 */
export function trace<Source>(rr: Traceable<Source>): () => void {
  const removals = eventNames.map((name) => {
    const target = channel(`tourniquet:${name}`)
    return rr.on(name, (event) => {
      if (target.hasSubscribers) target.publish(event)
    })
  })
  return () => {
    for (const remove of removals) remove()
  }
}
