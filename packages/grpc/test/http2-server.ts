import { createServer, type OutgoingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A server that does to each stream what no gRPC library does on purpose. Gone after the test. Returns its target. */
export async function http2Server(handle: (stream: ServerHttp2Stream, path: string) => void): Promise<string> {
  const sessions = new Set<ServerHttp2Session>()
  const server = createServer()
  server.on('session', (session) => sessions.add(session))
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    handle(stream, String(headers[':path']))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Answers as a gRPC application does that has nothing to say but a status. */
export function answer(stream: ServerHttp2Stream, code: number, details = '', more: OutgoingHttpHeaders = {}): void {
  const headers = {
    ':status': 200,
    'content-type': 'application/grpc+proto',
    'grpc-status': code,
    'grpc-message': details,
  }
  stream.respond({ ...headers, ...more }, { endStream: true })
}

export const healthCheck = '/grpc.health.v1.Health/Check'
