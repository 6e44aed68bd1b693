import type { Call, MessageContext } from './call.ts'

interface Entry {
  readonly message: Buffer
  readonly flags: number | undefined
  /** Of whoever wrote it; called once. */
  written: MessageContext['callback'] | undefined
}

/**
 * What a call has to send, in order. A call of grpc-js that is not connected yet keeps one message only: each goes out
 * when the one before it is written. Until the call is committed all of it is kept, to be sent again.
 */
export class Outbox {
  /** What it keeps to be sent again. */
  keptBytes = 0
  #entries: Entry[] = []
  /** The next to go out. */
  #next = 0
  #isEnded = false
  #isKeeping = true
  #call: Call | undefined
  /** What is on its way to the call's socket. */
  #writing: Entry | undefined

  /** Whether nothing was written yet. */
  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  add({ callback, flags }: MessageContext, message: Buffer): void {
    this.#entries.push({ message, flags, written: callback })
    if (this.#isKeeping) this.keptBytes += message.length
    this.#flush()
  }

  /** Nothing follows. */
  end(): void {
    this.#isEnded = true
    if (this.#next === this.#entries.length) this.#call?.halfClose()
  }

  /** Sends all of it on `call`, from the first message. */
  sendOn(call: Call): void {
    this.#call = call
    this.#next = 0
    this.#writing = undefined
    this.#flush()
    if (this.#isEnded && this.#entries.length === 0) call.halfClose()
  }

  /** Nobody has the call: what comes meanwhile is sent on the next one, after all that came before. */
  leave(): void {
    this.#call = this.#writing = undefined
    this.#next = 0
  }

  /** The call is committed: nothing of it will be sent again. */
  commit(): void {
    this.#isKeeping = false
    this.keptBytes = 0
    this.#entries.splice(0, this.#next)
    this.#next = 0
  }

  /** The call is over: nobody is left waiting for a write. */
  clear(): void {
    const entries = this.#entries
    this.#call = undefined
    this.commit()
    this.#entries = []
    for (const entry of entries) acknowledge(entry)
    if (this.#writing) acknowledge(this.#writing)
    this.#writing = undefined
  }

  #flush(): void {
    const call = this.#call
    const entry = this.#entries[this.#next]
    if (!call || !entry || this.#writing) return
    this.#next++
    this.#writing = entry
    const callback = () => this.#wrote(call, entry)
    call.sendMessageWithContext(
      entry.flags === undefined ? { callback } : { callback, flags: entry.flags },
      entry.message,
    )
    if (this.#isEnded && this.#next === this.#entries.length) call.halfClose()
    if (!this.#isKeeping) this.commit()
  }

  #wrote(call: Call, entry: Entry): void {
    if (call !== this.#call || entry !== this.#writing) return // of an attempt that was given up
    this.#writing = undefined
    acknowledge(entry)
    this.#flush()
  }
}

function acknowledge(entry: Entry): void {
  const { written } = entry
  entry.written = undefined
  written?.()
}
