import type { Place, Problem } from './model.ts'

/** What there is to say of a configuration, while it is read. */
export class Problems {
  readonly #all: Problem[] = []

  error(place: Place, directive: string, message: string): void {
    this.#add('error', place, directive, message)
  }

  warn(place: Place, directive: string, message: string): void {
    this.#add('warning', place, directive, message)
  }

  /** In the order of the files and their lines. */
  get all(): readonly Problem[] {
    const files = [...new Set(this.#all.map(({ file }) => file))]
    return this.#all.toSorted((a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line)
  }

  get warnings(): readonly Problem[] {
    return this.all.filter(({ severity }) => severity === 'warning')
  }

  get hasErrors(): boolean {
    return this.#all.some(({ severity }) => severity === 'error')
  }

  #add(severity: Problem['severity'], { file, line }: Place, directive: string, message: string): void {
    this.#all.push({ severity, file, line, directive, message })
  }
}
