import { now } from './clock.ts'

/** What happened and when, to be read beside a scenario that fails; and what should not have happened. */
export class Journal {
  readonly #notes: { readonly at: number; readonly text: string | (() => string) }[] = []
  readonly #violations: string[] = []

  /** @param text - put into words only if somebody is to read it, where it is a function */
  note(text: string | (() => string)): void {
    this.#notes.push({ at: now(), text })
  }

  violated(text: string): void {
    this.note(`!!! ${text}`)
    this.#violations.push(text)
  }

  throwIfViolated(): void {
    if (this.#violations.length === 0) return
    const lines = this.#notes.slice(-80).map(({ at, text }) => {
      return `${String(Math.round(at)).padStart(6)} ${typeof text === 'string' ? text : text()}`
    })
    throw new Error(`${this.#violations.join('\n')}\n\n${lines.join('\n')}`)
  }
}
