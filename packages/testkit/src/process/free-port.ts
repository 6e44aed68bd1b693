import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

// Below every system's range for outgoing connections: such a connection never takes the port
// while its server is down, and dialling it meanwhile never connects to itself.
const FIRST = 10_000
const LAST = 32_767
const MAX_TRIES = 200
// Each worker of a test run has ports of its own: those of a server that was killed, or of a proxy that refuses, are free
// meanwhile, and nobody else may take them.
const WORKERS = 8
const SHARE = Math.floor((LAST + 1 - FIRST) / WORKERS)

const given = new Set<number>()

/**
 * A port of 127.0.0.1 nobody listens on; no port is given twice by one process.
 *
 * @throws Error if none was found
 */
export async function freePort(): Promise<number> {
  const first = FIRST + (share() % WORKERS) * SHARE
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const port = first + randomInt(SHARE)
    if (given.has(port) || !(await canListen(port))) continue
    given.add(port)
    return port
  }
  throw new Error(
    `no free port from ${first} to ${first + SHARE - 1} in ${MAX_TRIES} tries: stop some of the servers that listen there`,
  )
}

/** A test run that is started by a test counts from another share on: `TOURNIQUET_PORT_SHARE`. */
function share(): number {
  const { VITEST_POOL_ID = '0', TOURNIQUET_PORT_SHARE = '0' } = process.env
  return Number(VITEST_POOL_ID) + Number(TOURNIQUET_PORT_SHARE)
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen({ host: '127.0.0.1', port, exclusive: true })
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
