import { Channel, type ChannelOptions, credentials } from '@grpc/grpc-js'
import { GrpcRoundRobin } from '../../src/index.ts'

interface Opened extends AsyncDisposable {
  readonly channel: Channel
}

export interface Subject {
  readonly name: string
  readonly open: (target: string, channelOptions?: ChannelOptions) => Opened
}

export const plain: Subject = {
  name: 'new Channel(target)',
  open(target, channelOptions = {}) {
    // Else tests would share their connections.
    const options = { 'grpc.use_local_subchannel_pool': 1, ...channelOptions }
    const channel = new Channel(target, credentials.createInsecure(), options)
    return { channel, [Symbol.asyncDispose]: async () => channel.close() }
  },
}

export const failover: Subject = {
  name: 'rr.channel()',
  open(target, channelOptions = {}) {
    const rr = new GrpcRoundRobin([target], { credentials: credentials.createInsecure(), channelOptions })
    return { channel: rr.channel(), [Symbol.asyncDispose]: () => rr.close({ drainMs: 0 }) }
  },
}

/** What holds for one holds for the other. */
export const subjects: readonly Subject[] = [plain, failover]
