import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { answerOf } from './answers.ts'

/** What a client may take: 16 KB of headers within 5 s, the whole request within 10 s, 30 s between two of them. */
const httpLimits: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
}

const statusOf: Readonly<Record<string, 400 | 408 | 431>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
}

/** A server that keeps nobody who is slow or says too much. It does not listen yet. */
export function httpServer(listener: RequestListener, limits: ServerOptions = {}): Server {
  const server = createServer({ ...httpLimits, ...limits }, listener)
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy()
    const { reason, body } = answerOf(statusOf[error.code ?? ''] ?? 400)
    const head = `HTTP/1.1 ${reason}\r\ncontent-length: ${body.length}\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n`
    return socket.end(head + body, () => socket.destroy())
  })
  return server
}
