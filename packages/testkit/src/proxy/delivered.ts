import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { fullTurn } from '../full-turn.ts'
import { waitFor } from '../wait-for.ts'

const FOR_EVER_MS = 2 ** 31 - 1
/** Looks, a millisecond or more apart: a machine that stands still for a while does not use them up. */
const GRACE_LOOKS = 250

/**
 * Resolves once the peer has what was written to the socket, or the socket is closed. Who promises
 * bytes before a RST waits for this: a RST throws away what is still on its way, and libuv shows a
 * RST that comes together with bytes as a proper end. A peer that does not read is not waited for
 * longer than a moment, if only its system has the bytes.
 */
export async function delivered(socket: Socket): Promise<void> {
  let looks = 0
  const isDelivered = (): boolean => {
    if (socket.destroyed) return true
    const { sending, unread } = queuesOf(socket)
    const isRead = unread === 0 || ++looks > GRACE_LOOKS
    return socket.writableLength === 0 && sending === 0 && isRead
  }
  await fullTurn() // in which a peer in this process reads
  await waitFor(isDelivered, { timeoutMs: FOR_EVER_MS, intervalMs: 1 })
}

interface Queues {
  /** Bytes the peer's system has not acknowledged. */
  sending: number
  /** Bytes the peer has not read. */
  unread: number
}

function queuesOf({ localPort = 0, remotePort = 0 }: Socket): Queues {
  // Only Linux tells; elsewhere a loopback connection has long delivered what its peer can take.
  if (process.platform !== 'linux') return { sending: 0, unread: 0 }
  return parseQueues(tables(), localPort, remotePort)
}

let current: string | undefined

/** One look takes milliseconds, so all who wait in the same turn of the event loop share it. */
function tables(): string {
  if (current === undefined) setImmediate(() => (current = undefined))
  current ??= ['/proc/net/tcp', '/proc/net/tcp6'].map(readTable).join('')
  return current
}

function readTable(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return '' // no IPv6 here
  }
}

/** The queues of one connection in the text of `/proc/net/tcp`, where both its ends have a row. */
export function parseQueues(table: string, localPort: number, remotePort: number): Queues {
  const [sending = 0] = rowOf(table, localPort, remotePort)
  const [, unread = 0] = rowOf(table, remotePort, localPort)
  return { sending, unread }
}

function rowOf(table: string, localPort: number, remotePort: number): number[] {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0')
  const row = new RegExp(`:${hex(localPort)} [0-9A-F]+:${hex(remotePort)} [0-9A-F]{2} ([0-9A-F]{8}):([0-9A-F]{8})`)
  return (row.exec(table) ?? []).slice(1).map((field) => Number.parseInt(field, 16))
}
