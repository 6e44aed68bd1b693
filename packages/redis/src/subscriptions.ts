import { Command } from 'ioredis'
import type { Condition } from './inside.ts'

/** What a subscriber is told after a failover: it may have missed messages of these. */
export interface Gap {
  /** The provider it listens to now. */
  readonly provider: string
  readonly channels: readonly string[]
  readonly patterns: readonly string[]
}

/** What a client is subscribed to, from the loss of a connection until it is so again on the next one. */
export class Subscriptions {
  /** What ioredis is to subscribe to again. */
  kept: Condition | undefined

  /** A connection that was ready is lost. */
  keep(condition: Condition | null): void {
    const { subscriber } = condition ?? {}
    if (!condition || !subscriber) return
    this.kept ??= condition
    const kept = this.kept.subscriber
    if (!kept || kept === subscriber) return
    // It was lost before all was subscribed to again: what was added meanwhile is kept too.
    for (const kind of ['subscribe', 'psubscribe', 'ssubscribe']) {
      for (const channel of subscriber.channels(kind)) kept.add(kind, channel)
    }
  }

  /** Of what messages may have been missed. */
  gap(): Pick<Gap, 'channels' | 'patterns'> | undefined {
    const { subscriber } = this.kept ?? {}
    if (!subscriber) return undefined
    const channels = [...subscriber.channels('subscribe'), ...subscriber.channels('ssubscribe')]
    return { channels, patterns: subscriber.channels('psubscribe') }
  }

  /** It is subscribed again, or nobody wants it any more. */
  forget(): void {
    this.kept = undefined
  }
}

/** The same once more: ioredis counts how many channels of a command are answered, and goes on counting where it is sent again. */
export function anew({ name, args, resolve, reject }: Command): Command {
  const command = new Command(name, args)
  command.promise.then(resolve, reject)
  return command
}
