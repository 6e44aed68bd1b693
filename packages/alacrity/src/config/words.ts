import { refuse } from './errors.ts'
import type { Place } from './model.ts'

/** The words of one line, taken from left to right. */
export class Words {
  readonly place: Place
  readonly #words: readonly string[]
  #at = 0
  /** What messages call it: `balance`, `option httpchk`. */
  #directive = ''

  constructor(place: Place, words: readonly string[]) {
    this.place = place
    this.#words = words
  }

  get directive(): string {
    return this.#directive
  }

  /** Takes the next word as (a further part of) the directive's name. */
  takeName(expected: string): string {
    const name = this.take(expected)
    this.#directive = `${this.#directive} ${name}`.trim()
    return name
  }

  /** The next word, which must be there. */
  take(expected: string): string {
    const word = this.next()
    return word === undefined || word === '' ? refuse(`expected ${expected}`) : word
  }

  next(): string | undefined {
    return this.#words[this.#at++]
  }

  peek(): string | undefined {
    return this.#words[this.#at]
  }

  /** Takes the next word if it is this one. */
  takeIf(word: string): boolean {
    if (this.peek() !== word) return false
    this.#at++
    return true
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#words.length
  }

  /** All that are left. */
  rest(): string[] {
    const rest = this.#words.slice(this.#at)
    this.#at = this.#words.length
    return rest
  }

  /** Some words of the same directive, on their own. */
  sub(words: readonly string[]): Words {
    const sub = new Words(this.place, words)
    sub.#directive = this.#directive
    return sub
  }

  /** Nothing may follow what may be a secret, and was not quoted: what follows is not shown. */
  endOfOneWord(): void {
    if (!this.isAtEnd) refuse('expected one word: put it in quotes, or a backslash before each blank')
  }

  /** Nothing may follow. */
  end(): void {
    if (!this.isAtEnd) refuse(`unexpected '${this.peek()}': expected the end of the line`)
  }
}
