// Prints what is left after many failovers, and after many runs with a deadline and a signal on one connection, as JSON.
// Arguments: the number of failovers, the number of runs. Run with --expose-gc.
import { getEventListeners, once } from 'node:events'
import { type AddressInfo, createServer, connect as dial, type Server, type Socket } from 'node:net'
import { RoundRobin } from '../../src/index.ts'

const [failovers = 0, runs = 0] = process.argv.slice(2).map(Number)
const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })

async function startServer(): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => {}).resume())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server
}

const servers = await Promise.all([startServer(), startServer(), startServer()])
const sources = servers.map((server) => (server.address() as AddressInfo).port)
const rr = new RoundRobin<number, Socket>(
  sources,
  {
    async connect(port, { signal, lost }) {
      const socket = dial({ host: '127.0.0.1', port, signal })
      await once(socket, 'connect')
      return socket.on('error', lost)
    },
    // With a reset, so that tens of thousands of them leave no port in TIME_WAIT.
    disconnect: (socket) => void socket.resetAndDestroy(),
    probe: () => {},
  },
  { maxAttempts: 2, heartbeatMs: 60_000 },
)
const { signal } = new AbortController()

async function moveOn(times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    await rr.run((socket) => socket.remotePort)
    const former = rr.current
    await rr.run((socket, { source }) => (source === former ? Promise.reject(refused) : socket.remotePort))
  }
}

async function runLimited(times: number): Promise<void> {
  const options = { deadlineMs: 60_000, signal }
  for (let time = 0; time < times; time += 100) {
    await Promise.all(Array.from({ length: 100 }, () => rr.run(async (socket) => socket.remotePort, options)))
  }
}

async function heapUsed(): Promise<number> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 5))
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

/** Bytes that `work` leaves behind, after a warm-up. */
async function left(work: (times: number) => Promise<void>, times: number): Promise<number> {
  await work(Math.max(1000, times / 10))
  const before = await heapUsed()
  await work(times)
  return (await heapUsed()) - before
}

const count = (kind: string) => process.getActiveResourcesInfo().filter((resource) => resource === kind).length

const failoverBytes = await left(moveOn, failovers)
const runBytes = await left(runLimited, runs)
const listeners = getEventListeners(signal, 'abort').length
// Both ends of a connection are in this process.
const socketsBefore = count('TCPSocketWrap')
await rr.close()
await heapUsed()
const sockets = count('TCPSocketWrap')
const timers = count('Timeout')
for (const server of servers) server.close()
console.log(JSON.stringify({ failoverBytes, runBytes, listeners, socketsBefore, sockets, timers }))
