// A connector of one's own: raw TCP, two servers, and the greeting read through `run`.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net'
import { type Connector, RoundRobin } from '@tourniquet/core'

const tcp: Connector<string, Socket> = {
  async connect(source, { signal, lost }) {
    const { hostname, port } = new URL(source)
    const socket = dial(Number(port), hostname)
    signal.addEventListener('abort', () => socket.destroy(), { once: true })
    await once(socket, 'connect', { signal })
    return socket.on('error', lost).on('close', () => lost(new Error('the server closed the connection')))
  },
  // With an error, so that whoever still waits for data is told.
  disconnect: (socket) => void socket.destroy(new Error('disconnected')),
}

const libera = await startServer('hello from libera.chat')
const oftc = await startServer('hello from oftc.net')

const rr = new RoundRobin([libera.url, oftc.url], tcp)
const greet = () => rr.run(async (socket) => String((await once(socket, 'data'))[0]))

const hello = await greet()
console.log(hello)
assert.equal(hello, 'hello from libera.chat')

libera.stop()
await new Promise((disconnected) => rr.on('disconnect', disconnected))
assert.equal(rr.current, undefined)

const again = await greet()
console.log(again)
assert.equal(again, 'hello from oftc.net')

await rr.close()
oftc.stop()

/** A server that greets each client, as IRC and SMTP servers do. */
async function startServer(greeting: string): Promise<{ url: string; stop(): void }> {
  const clients: Socket[] = []
  const server = createServer((client) => {
    clients.push(client.on('error', () => {}))
    client.write(greeting)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.close()
      for (const client of clients) client.destroy()
    },
  }
}
