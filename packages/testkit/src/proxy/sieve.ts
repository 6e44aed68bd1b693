import type { Fault, Way } from './fault.ts'

/** Watches the bytes of one connection going one way, and says where they end. */
export interface Sieve {
  /** What of the chunk (and of what was kept) passes now. `struck`: nothing after it ever passes. */
  sift(chunk: Buffer): { passed: Buffer; struck: boolean }
  /** What was kept until more had come; it is kept no longer. */
  rest(): Buffer
}

const NOTHING = Buffer.alloc(0)

/** The sieve that a fault asks for on that way, if any. */
export function sieveFor(fault: Fault, way: Way): Sieve | undefined {
  if (fault.mode === 'cutAfter' && fault.way === way) return new CountSieve(fault.bytes)
  if (fault.mode === 'dropReply' && way === 'down') return new PatternSieve(fault.pattern)
  return undefined
}

/** Strikes once exactly so many bytes have passed; with 0, when the first one wants to. */
export class CountSieve implements Sieve {
  #left: number

  constructor(bytes: number) {
    this.#left = bytes
  }

  sift(chunk: Buffer): { passed: Buffer; struck: boolean } {
    const passed = chunk.subarray(0, this.#left)
    this.#left -= passed.length
    return { passed, struck: this.#left === 0 }
  }

  rest(): Buffer {
    return NOTHING
  }
}

/** Strikes before the first byte of a pattern, wherever the chunks' borders lie. */
export class PatternSieve implements Sieve {
  readonly #pattern: Buffer
  #kept: Buffer = NOTHING

  constructor(pattern: Buffer) {
    this.#pattern = pattern
  }

  sift(chunk: Buffer): { passed: Buffer; struck: boolean } {
    const bytes = Buffer.concat([this.#kept, chunk])
    const found = bytes.indexOf(this.#pattern)
    const end = found === -1 ? bytes.length - this.#beginningAtEndOf(bytes) : found
    this.#kept = found === -1 ? bytes.subarray(end) : NOTHING
    return { passed: bytes.subarray(0, end), struck: found !== -1 }
  }

  rest(): Buffer {
    const rest = this.#kept
    this.#kept = NOTHING
    return rest
  }

  /** How many bytes at the end could be the pattern's beginning. */
  #beginningAtEndOf(bytes: Buffer): number {
    let length = Math.min(bytes.length, this.#pattern.length - 1)
    while (!bytes.subarray(bytes.length - length).equals(this.#pattern.subarray(0, length))) length -= 1
    return length
  }
}
