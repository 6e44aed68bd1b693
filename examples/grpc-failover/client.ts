// An ordinary client of grpc-js. It takes a channel, and knows nothing of several servers.
import { promisify } from 'node:util'
import { type Channel, credentials } from '@grpc/grpc-js'
import { Greeter, type Reply } from './greeter.ts'

export interface Guest {
  greet(name: string): Promise<Reply>
  sign(name: string): Promise<Reply>
}

export function guestOn(channel: Channel): Guest {
  // Only the channel counts: address and credentials are those of a channel that it would open itself.
  const client = new Greeter('', credentials.createInsecure(), { channelOverride: channel })
  const greet = promisify(client.greet.bind(client))
  const sign = promisify(client.sign.bind(client))
  return { greet: (name) => greet({ name }), sign: (name) => sign({ name }) }
}
