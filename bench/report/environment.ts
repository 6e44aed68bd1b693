import { availableParallelism, cpus } from 'node:os'

/** What the figures depend on, as far as it may be told to everybody. */
export function environment(): string {
  const count = cpus().length
  const pinned = availableParallelism() === 1 && count > 1 ? ', pinned to one of them' : ''
  return `Node ${process.versions.node} on ${process.platform} ${process.arch}, ${count} CPU${count === 1 ? '' : 's'}${pinned}`
}
