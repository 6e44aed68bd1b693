import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Files that are open beside the connections: Node's own, logs, sockets of the page. */
const reserve = 64

/** Those of a data thread, without its listeners. */
const perThread = 8

/** How many files this process may have open. Node itself raises the soft limit to the hard one. */
export function openFilesLimit(): number {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft)
  } catch {
    // Not Linux: macOS gives at least so many to a process of Node.
    return 10_240
  }
}

/** How many connections may wait for room: a share of the files, and not more than is worth the memory. */
export function connectionsThatMayWait(): number {
  return Math.min(16_384, Math.floor(openFilesLimit() / 4))
}

/** How many connections fit: each is two files, the client's and the server's. */
export function connectionsThatFit(threads: number, listeners: number, servers: number): number {
  const others = reserve + threads * (perThread + listeners) + connectionsThatMayWait() + servers
  return Math.max(1, Math.floor((openFilesLimit() - others) / 2))
}

/** Several threads share a port by `SO_REUSEPORT`, which Node sets from 22.12 on and which spreads connections on Linux. */
export function canSharePorts(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return process.platform === 'linux' && (major > 22 || (major === 22 && minor >= 12))
}

export function processors(): number {
  return availableParallelism()
}
