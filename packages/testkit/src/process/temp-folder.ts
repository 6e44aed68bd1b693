import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atExit } from './at-exit.ts'

/** A fresh folder, gone after `remove()` and at the latest with this process. */
export class TempFolder {
  readonly path: string
  readonly #forget: () => void

  constructor(prefix: string) {
    this.path = mkdtempSync(join(tmpdir(), `${prefix}-`))
    this.#forget = atExit(() => this.#delete())
  }

  remove(): void {
    this.#delete()
    this.#forget()
  }

  #delete(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
