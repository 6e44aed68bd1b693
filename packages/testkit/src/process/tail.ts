const MAX_CHARS = 4_096

/** The last few kilobytes of what a program wrote. */
export class Tail {
  #text = ''

  add(text: string): void {
    this.#text = (this.#text + text).slice(-MAX_CHARS)
  }

  toString(): string {
    return this.#text
  }
}
