import {
  type CallOptions,
  type Channel,
  type ClientOptions,
  type ClientWritableStream,
  credentials,
  Metadata,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js'
import type { ProviderReply, ProviderRequest } from '@tourniquet/testkit'
import { ProviderClient, type UnaryName } from '../provider-client.ts'

type Callback = (error: ServiceError | null, reply?: ProviderReply) => void
type Collecting = ClientWritableStream<ProviderRequest>

export interface Client extends ProviderClient {
  collect(callback: Callback): Collecting
  collect(metadata: Metadata, options: CallOptions, callback: Callback): Collecting
}

export function clientOn(channel: Channel, options: ClientOptions = {}): Client {
  return new ProviderClient('', credentials.createInsecure(), { ...options, channelOverride: channel }) as Client
}

/** All that the caller was told, and in which order. */
export interface Told {
  readonly events: string[]
  metadata?: Metadata
  readonly messages: ProviderReply[]
  status?: StatusObject
  error?: ServiceError
}

interface Emitting {
  on(event: 'metadata', listener: (metadata: Metadata) => void): unknown
  on(event: 'status', listener: (status: StatusObject) => void): unknown
  on(event: 'data', listener: (message: ProviderReply) => void): unknown
  on(event: 'error', listener: (error: ServiceError) => void): unknown
  on(event: 'end', listener: () => void): unknown
}

/** A stream that is read as fast as it can be; `told` fills up as it goes on. */
export function follow(call: Emitting): { told: Told; ended: Promise<Told> } {
  const told: Told = { events: [], messages: [] }
  const ended = new Promise<Told>((resolve) => {
    let missing = 2 // the status may come before the last messages are read
    const part = () => --missing === 0 && resolve(told)
    call.on('metadata', (metadata) => {
      told.events.push('metadata')
      told.metadata = metadata
    })
    call.on('data', (message) => {
      told.events.push('message')
      told.messages.push(message)
    })
    call.on('error', (error) => {
      told.error = error
    })
    call.on('status', (status) => {
      told.status = status
      part()
    })
    call.on('end', part)
  })
  return { told, ended }
}

interface AskOptions extends CallOptions {
  metadata?: Metadata
}

/** A unary call, to its status. */
export function ask(
  client: ProviderClient,
  method: UnaryName,
  request: ProviderRequest = {},
  { metadata = new Metadata(), ...options }: AskOptions = {},
): Promise<Told> & { cancel(): void; getPeer(): string } {
  const callback = oneReply()
  const call = client[method](request, metadata, options, callback.callback)
  return Object.assign(callback.ended(call), { cancel: () => call.cancel(), getPeer: () => call.getPeer() })
}

/** A client stream, and all that its caller is told. */
export function collect(
  client: Client,
  { metadata = new Metadata(), ...options }: AskOptions = {},
): { call: Collecting; told: Told; ended: Promise<Told> } {
  const callback = oneReply()
  const call = client.collect(metadata, options, callback.callback)
  return { call, told: callback.told, ended: callback.ended(call) }
}

function oneReply() {
  const told: Told = { events: [], messages: [] }
  return {
    told,
    callback: (error: ServiceError | null, reply?: ProviderReply) => {
      if (error) told.error = error
      told.events.push(error ? 'error' : 'message')
      if (reply) told.messages.push(reply)
    },
    ended: (call: {
      on(event: 'metadata', listener: (metadata: Metadata) => void): unknown
      on(event: 'status', listener: (status: StatusObject) => void): unknown
    }) =>
      new Promise<Told>((resolve) => {
        call.on('metadata', (metadata) => {
          told.events.push('metadata')
          told.metadata = metadata
        })
        call.on('status', (status) => {
          told.events.push('status')
          told.status = status
          resolve(told)
        })
      }),
  }
}

export const texts = (messages: readonly ProviderReply[]) => messages.map(({ text }) => text)
export const numbers = (messages: readonly ProviderReply[]) => messages.map(({ number }) => number)
/** `1 … count` */
export const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
