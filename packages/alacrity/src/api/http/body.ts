import type { IncomingMessage } from 'node:http'

const limit = 64 * 1024

/** A body is longer than 64 KB. What is left of it is not read: its connection has to be closed. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge'
}

/**
 * What a request brings, up to 64 KB.
 *
 * @throws BodyTooLarge
 * @throws the request's own error, when the client goes
 */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw new BodyTooLarge('more than 64 KB')
  const chunks: Buffer[] = []
  let length = 0
  // Left early, the loop would destroy the connection, and with it the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > limit) throw new BodyTooLarge('more than 64 KB')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
