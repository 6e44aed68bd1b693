import { now } from './clock.ts'

/** What happened and when, to be read beside a scenario that fails; and what should not have happened. */
export class Journal {
  readonly #lines: string[] = []
  readonly #violations: string[] = []

  note(text: string): void {
    this.#lines.push(`${String(Math.round(now())).padStart(6)} ${text}`)
  }

  violated(text: string): void {
    this.note(`!!! ${text}`)
    this.#violations.push(text)
  }

  throwIfViolated(): void {
    if (this.#violations.length === 0) return
    throw new Error(`${this.#violations.join('\n')}\n\n${this.#lines.slice(-80).join('\n')}`)
  }
}
