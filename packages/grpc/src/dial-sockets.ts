import type { Socket } from 'node:net'
import type { ChannelCredentials } from '@grpc/grpc-js'

type SecureConnector = ReturnType<ChannelCredentials['_createSecureConnector']>

/**
 * The sockets of a dial. A channel of grpc-js that is closed does not give up its dial: to a server that accepts and says
 * nothing a socket stays open for as long as that lives; and after a dial that failed it dials once more, a second later.
 * Nobody but the credentials gets to see either, in a method that is not documented; this is the only file that knows of
 * it. Tried with 1.13.0 and 1.14.7.
 */
export class DialSockets {
  readonly #open = new Set<Socket>()
  #isGivenUp = false

  /** The same credentials, which also show us each socket that is connected with them. */
  seenBy(credentials: ChannelCredentials): ChannelCredentials {
    const create: ChannelCredentials['_createSecureConnector'] = (...parameters) =>
      this.#watch(credentials._createSecureConnector(...parameters))
    return Object.create(credentials, { _createSecureConnector: { value: create } }) as ChannelCredentials
  }

  /** From now on the channel itself sees that its socket is closed. */
  connected(): void {
    this.#open.clear()
  }

  giveUp(): void {
    this.#isGivenUp = true
    for (const socket of this.#open) socket.destroy()
    this.#open.clear()
  }

  #watch(connector: SecureConnector): SecureConnector {
    const connect: SecureConnector['connect'] = (socket) => {
      this.#open.add(socket)
      socket.once('close', () => this.#open.delete(socket))
      if (this.#isGivenUp) socket.destroy()
      return connector.connect(socket)
    }
    // What is asked before each dial.
    const waitForReady: SecureConnector['waitForReady'] = () =>
      this.#isGivenUp ? Promise.reject(new Error('the channel is closed')) : connector.waitForReady()
    const own = { connect: { value: connect }, waitForReady: { value: waitForReady } }
    return Object.create(connector, own) as SecureConnector
  }
}
