import { createServer, type Server, type Socket } from 'node:net'

/** A server behind the balancer, in the test's own process: every byte and every end of its connections can be seen and caused. */
export interface Origin extends AsyncDisposable {
  readonly port: number
  /** All connections that there ever were, and those that are open. */
  readonly accepted: readonly Socket[]
  readonly open: ReadonlySet<Socket>
  /** Takes no more connections; those that there are go on. */
  refuse(): void
}

/** What an origin does with a connection. Half-open: it ends its own side itself. */
export type Behaviour = (socket: Socket) => void

/** Says its name and ends. */
export function says(name: string): Behaviour {
  return (socket) => socket.end(name)
}

/** Sends back what it gets, and ends when the client has. */
export const echoes: Behaviour = (socket) => void socket.pipe(socket)

/** Says its name, and stays. */
export function greets(name: string): Behaviour {
  return (socket) => void socket.write(name)
}

/** Says its name, and stays until the client ends. */
export function stays(name: string): Behaviour {
  return (socket) => {
    socket.write(name)
    socket.on('end', () => socket.end())
    socket.resume()
  }
}

export async function startOrigin(behaviour: Behaviour, port = 0, host = '127.0.0.1'): Promise<Origin> {
  const accepted: Socket[] = []
  const open = new Set<Socket>()
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    accepted.push(socket)
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
    behaviour(socket)
  })
  await new Promise<void>((resolve) => server.listen(port, host, resolve))
  return {
    port: (server.address() as { port: number }).port,
    accepted,
    open,
    refuse: () => void server.close(),
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    },
  }
}
