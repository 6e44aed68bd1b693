/** As a server says it with ReadyForQuery: idle, in a transaction, in one that has failed. */
type Status = 'I' | 'T' | 'E'

// What leaves nothing behind that another session would see.
const harmless =
  /^(BEGIN|START TRANSACTION|ROLLBACK(?! PREPARED)|SET|RESET|SHOW|DISCARD|LISTEN|UNLISTEN|DEALLOCATE|CLOSE|SAVEPOINT|RELEASE)/

/** Whether a text may end a transaction block with what was done in it. What is not simple is not taken apart. */
function mayCommit(text: string): boolean {
  const statement = text.replace(/^(\s|--[^\n\r]*[\n\r])+/, '').replace(/;\s*$/, '')
  const isSimple = !statement.includes(';') && !statement.startsWith('/*')
  return (isSimple ? /^(commit|end|prepare)\b/i : /\b(commit|end|prepare|rollback|abort)\b/i).test(statement)
}

/**
 * What a session may have applied since it was handed out: the server's own messages say so. In a transaction block
 * nothing is applied until it is committed; outside, each statement is.
 */
export class Work {
  #status: Status = 'I'
  /** Whether something was certainly applied. */
  committed = false
  /** Whether a statement was lost that the server may have applied. */
  #inDoubt = false
  /** Whether what was answered since the last ReadyForQuery is applied with it. */
  #counts = false

  /** Begins to look anew. */
  reset(): void {
    this.committed = this.#inDoubt = this.#counts = false
  }

  /** Whether no transaction is open. */
  get isIdle(): boolean {
    return this.#status === 'I'
  }

  get mayBeApplied(): boolean {
    return this.committed || this.#inDoubt
  }

  /** CommandComplete, with its tag, such as `INSERT 0 1`. */
  completed(tag: string): void {
    // That of an explicit COMMIT is proof, whatever comes after; that of a statement by itself is none until the session
    // is ready again, since a deferred constraint may still fail.
    if (tag.startsWith('COMMIT') || tag.startsWith('PREPARE TRANSACTION')) this.committed = true
    else this.#counts ||= !harmless.test(tag)
  }

  /** ErrorResponse to this text: what was sent with it in one message is undone. */
  failed(text: string | undefined): void {
    this.#counts = false
    // A procedure or a DO block may have committed before it failed.
    if (this.isIdle && (text === undefined || /\b(call|do)\b/i.test(text))) this.#inDoubt = true
  }

  /** ReadyForQuery */
  ready(status: string): void {
    this.#status = status as Status
    this.committed ||= this.#counts && this.isIdle
    this.#counts = false
  }

  /** The session was lost while these were with the server; undefined for a text that is not known. */
  lost(texts: readonly (string | undefined)[]): void {
    const [first] = texts
    if (texts.length === 0) return
    const isOpen = texts.length === 1 && this.#status === 'T'
    this.#inDoubt ||= !(isOpen && first !== undefined && !mayCommit(first)) && !this.#isOnlyBegin(texts)
  }

  /** Nothing is done by a BEGIN alone. */
  #isOnlyBegin(texts: readonly (string | undefined)[]): boolean {
    return texts.every((text) => text !== undefined && /^\s*(begin|start\s+transaction)\b[^;]*;?\s*$/i.test(text))
  }
}
