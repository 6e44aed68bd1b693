import type { IncomingMessage } from 'node:http'

/** Of the client, as `src` has it: an IPv4 address also where the socket speaks IPv6. */
export function addressOf({ socket }: IncomingMessage): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '')
}
