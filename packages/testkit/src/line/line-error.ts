/** A line server refused a request: it replied `ERR word text`. */
export class LineError extends Error {
  override readonly name: string = 'LineError'
  /** The first word of the refusal, such as `READONLY`. */
  readonly word: string

  constructor(refusal: string) {
    super(refusal)
    this.word = refusal.split(' ', 1)[0] ?? ''
  }
}

/** The code of the error of a request that was never written. */
export const NOT_SENT = 'ERR_LINE_NOT_SENT'

/** An error with a code, as those of Node's sockets have one. */
export function codedError(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code })
}
