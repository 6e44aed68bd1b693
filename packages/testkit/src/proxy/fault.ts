import { badInput, checkMs } from '../bad-input.ts'

/** `up`: from the client to the target. `down`: from the target to the client. */
export type Way = 'up' | 'down'

/** How a connection ends whose reply was dropped: see `DropReplyOptions`. */
export type DropBy = 'reset' | 'silence'

/** What a fault proxy does to its connections at present. */
export type Fault =
  | { mode: 'pass' | 'refuse' | 'reset' | 'mute' | 'freeze' }
  | { mode: 'cutAfter'; bytes: number; way: Way }
  | { mode: 'delay' | 'delayDial'; ms: number }
  | { mode: 'dropReply'; pattern: Buffer; by: DropBy; once: boolean }

export type FaultMode = Fault['mode']

export const PASS: Fault = { mode: 'pass' }

export interface DropReplyOptions {
  /**
   * `reset`: the connection is reset. `silence`: it stays open and nothing passes any more, either
   * way, until the client leaves. Default `reset`.
   */
  by?: DropBy
  /** Pass again after the first reply dropped. Default true. */
  once?: boolean
}

export function cutAfterFault(bytes: number, way: Way): Fault {
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw badInput('cutAfter: bytes', 'a whole number from 0', bytes)
  if (way !== 'up' && way !== 'down') throw badInput('cutAfter: way', "'up' or 'down'", way)
  return { mode: 'cutAfter', bytes, way }
}

export function delayFault(mode: 'delay' | 'delayDial', ms: number): Fault {
  checkMs(`${mode}: ms`, ms)
  return { mode, ms }
}

export function dropReplyFault(pattern: string | Uint8Array, options: DropReplyOptions = {}): Fault {
  const { by = 'reset', once = true } = options
  const fits = (typeof pattern === 'string' || pattern instanceof Uint8Array) && pattern.length > 0
  if (!fits) throw badInput('dropReply: pattern', 'a string or bytes, not empty (no RegExp)', pattern)
  if (by !== 'reset' && by !== 'silence') throw badInput('dropReply: by', "'reset' or 'silence'", by)
  if (typeof once !== 'boolean') throw badInput('dropReply: once', 'true or false', once)
  return { mode: 'dropReply', pattern: Buffer.from(pattern as Uint8Array), by, once }
}
