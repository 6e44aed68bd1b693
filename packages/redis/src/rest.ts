import type { Home } from './home.ts'

/** How long somebody rests who sends no commands. */
const REST_MS = 5000

/** A client that no provider lets in tries again when somebody asks it to, or when there is something new. */
export class Rest {
  #wake: () => void = () => {}

  /** @param isTimed - whether it also ends by itself */
  begin(home: Pick<Home, 'on'>, isTimed: boolean): Promise<void> {
    return new Promise((resolve) => {
      const forget = (['close', 'connect', 'failover'] as const).map((event) => home.on(event, () => this.wake()))
      const timer = isTimed ? setTimeout(() => this.wake(), REST_MS) : undefined
      this.#wake = () => {
        clearTimeout(timer)
        for (const each of forget) each()
        resolve()
      }
    })
  }

  /** Ends it, if there is one. */
  wake(): void {
    this.#wake()
  }
}
