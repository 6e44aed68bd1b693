import type { OnReadOpts } from 'node:net'
import type { Session } from './session.ts'

/** All sockets of a thread read into this: what is in it is copied before another one reads. */
const common: Buffer = Buffer.allocUnsafeSlow(16 * 1024)

/**
 * For those who read much. Some are kept, so that they need not be made again. Twice as much, which is what libuv reads at
 * once, costs the kernel half as much again for each megabyte.
 */
const ownSize = 32 * 1024
const spare: Buffer[] = []
const mostSpare = 16

/**
 * How the socket to a server reads. Left to itself, Node makes 64 KB for each read, however little comes, and has to
 * collect them all. A read that fills the buffer is the first of many: those after it go into one that the socket has
 * for itself, and are written from it, without a copy.
 */
export function readingOf(session: Session): OnReadOpts {
  let buffer = common
  return { buffer: () => buffer, callback: read }

  function read(length: number): boolean {
    const isFull = length === buffer.length
    const isOwn = buffer !== common
    const goesOn = session.fromServer(isOwn ? buffer.subarray(0, length) : copyOfCommon(length))
    // What the kernel has not taken yet is still in there.
    const isHeld = isOwn && session.client.writableLength > 0
    if (isOwn && !isHeld && !isFull) give(buffer)
    if (!isFull) buffer = common
    else if (!isOwn || isHeld) buffer = spare.pop() ?? Buffer.allocUnsafeSlow(ownSize)
    return goesOn
  }
}

function give(buffer: Buffer): void {
  if (spare.length < mostSpare) spare.push(buffer)
}

function copyOfCommon(length: number): Buffer {
  const copy = Buffer.allocUnsafe(length)
  common.copy(copy, 0, 0, length)
  return copy
}
