import { type Client, Metadata } from '@grpc/grpc-js'
import { providerService } from '@tourniquet/testkit'
import { ID } from './witness-connector.ts'

const { Exec, Collect } = providerService

/** Whether a call may be sent again is for its method to say: here for the one with a stream. */
export const isIdempotent = (path: string): boolean => path === Collect.path

/** An operation that takes `workMs`. */
interface Operation {
  readonly id: string
  readonly workMs: number
}

/** Executes it with a unary call. */
export function execute(client: Client, { id, workMs }: Operation): Promise<void> {
  const request = { text: id, delayMs: workMs }
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      Exec.path,
      Exec.requestSerialize,
      Exec.responseDeserialize,
      request,
      metadataOf(id),
      (error) => (error ? reject(error) : resolve()),
    )
  })
}

/** Executes it with a stream of one request, which is open for as long as the work takes. */
export function collect(client: Client, { id, workMs }: Operation): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = client.makeClientStreamRequest(
      Collect.path,
      Collect.requestSerialize,
      Collect.responseDeserialize,
      metadataOf(id),
      (error) => (error ? reject(error) : resolve()),
    )
    stream.write({ text: id })
    setTimeout(() => stream.end(), workMs)
  })
}

function metadataOf(id: string): Metadata {
  const metadata = new Metadata()
  metadata.set(ID, id)
  return metadata
}
