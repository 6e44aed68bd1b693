import type { Redis } from 'ioredis'

/**
 * A client that fails over does not say to whom its commands go, nor how often. To hold the ledgers against that, this
 * looks at each RPUSH of an id when it is written.
 *
 * @param sent - told of the id, and of the address that it is about to be written to
 */
export function witness(client: Redis, sent: (id: string, address: string) => void): Redis {
  const send = client.sendCommand.bind(client)
  client.sendCommand = (command, stream) => {
    const { host, port } = client.options
    const isWritten = client.status === 'ready' && client.stream.writable
    if (command.name === 'rpush' && isWritten) sent(String(command.args[1]), `${host}:${port}`)
    return send(command, stream)
  }
  return client
}
