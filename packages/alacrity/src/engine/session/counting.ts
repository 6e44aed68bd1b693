import { counted } from '../cells.ts'
import type { Session } from './session.ts'

/** Counts what has been copied since it was counted last. */
export function countCopied(session: Session): void {
  const { client, upstream, frontend, backend, server } = session
  const bytesIn = Math.max(0, client.bytesRead - session.headerBytes)
  const bytesOut = upstream?.bytesRead ?? 0
  const [more, moreOut] = [bytesIn - session.bytesIn, bytesOut - session.bytesOut]
  if (more === 0 && moreOut === 0) return
  session.bytesIn = bytesIn
  session.bytesOut = bytesOut
  for (const numbers of [frontend.numbers, backend?.numbers, server?.numbers]) {
    numbers?.add(counted.bin, more)
    numbers?.add(counted.bout, moreOut)
  }
}
