import { decodeProxyHeader } from '../proxy-protocol/decode.ts'
import type { Ends } from '../proxy-protocol/ends.ts'
import { type Owned, owner } from './relay.ts'
import type { Session } from './session.ts'

/** What has come of a header that is not complete yet. */
const partial = new WeakMap<Session, Buffer>()

/** Reads the PROXY header that a session has to begin with, then begins it. */
export function readHeader(session: Session): void {
  const { client, frontend, plane } = session
  client.on('data', onData)
  client.on('end', onEnd)
  client.resume()
  const limit = frontend.config.timeouts.client
  if (limit !== undefined) plane.wheel.set(session, session.now + limit)
}

function onData(this: Owned, chunk: Buffer): void {
  const session = this[owner] as Session
  const before = partial.get(session)
  const bytes = before ? Buffer.concat([before, chunk]) : chunk
  const decoded = decodeProxyHeader(bytes)
  if (decoded.state === 'more') partial.set(session, bytes)
  else if (decoded.state === 'bad') refuse(session)
  else begin(session, bytes, decoded)
}

function begin(
  session: Session,
  bytes: Buffer,
  { length, ends }: { readonly length: number; readonly ends?: Ends },
): void {
  stopReading(session.client)
  session.forget()
  session.ends = ends
  session.headerBytes = length
  if (bytes.length > length) session.early = bytes.subarray(length)
  session.begin()
}

function onEnd(this: Owned): void {
  refuse(this[owner] as Session)
}

function refuse(session: Session): void {
  stopReading(session.client)
  session.headerBytes = session.client.bytesRead
  session.end('PR')
}

function stopReading(client: Owned): void {
  client.pause()
  client.off('data', onData)
  client.off('end', onEnd)
}
