import { Refusal, refuse } from './errors.ts'
import { didYouMean } from './nearest.ts'
import type { Reading } from './reading.ts'
import type { Words } from './words.ts'

/** Reads what follows the name of a directive into the section it stands in. What it leaves of the line is refused. */
export type Reader<Section> = (words: Words, section: Section, reading: Reading) => void

export type Directives<Section> = Readonly<Record<string, Reader<Section>>>

/** Takes a name and reads the line as its directive does. */
export function readDirective<Section>(
  directives: Directives<Section>,
  words: Words,
  section: Section,
  reading: Reading,
  expected: string,
): void {
  const name = words.takeName(expected)
  readerOf(directives, name, expected)(words, section, reading)
}

function readerOf<Section>(directives: Directives<Section>, name: string, expected: string): Reader<Section> {
  if (Object.hasOwn(directives, name)) return directives[name]!
  return refuse(`unknown word '${name}': expected ${expected}${didYouMean(name, Object.keys(directives))}`)
}

/** A directive whose next word is one of a table of its own: `timeout client`. */
export function group<Section>(directives: Directives<Section>, expected: string): Reader<Section> {
  return (words, section, reading) => readDirective(directives, words, section, reading, expected)
}

/** Reads words that each bring their own arguments, to the end of the line, as on `server` and `bind`. */
export function readWords<Section>(
  known: Directives<Section>,
  words: Words,
  section: Section,
  reading: Reading,
  expected: string,
): void {
  while (!words.isAtEnd) {
    const name = words.take(expected)
    const read = readerOf(known, name, expected)
    naming(name, () => read(words, section, reading))
  }
}

function naming(name: string, read: () => void): void {
  try {
    read()
  } catch (error) {
    throw error instanceof Refusal ? new Refusal(`'${name}': ${error.message}`) : error
  }
}

/** Directives that load, and do nothing here. */
export function ignored(names: string, why: string): Directives<unknown> {
  return each(names, () => (words, _section, reading) => {
    words.rest()
    reading.warn(words, `ignored: ${why}`)
  })
}

/** Words inside a line that load and do nothing here, with as many arguments as they take. */
export function ignoredWords(names: string, values: number, why: string): Directives<unknown> {
  return each(names, (name) => (words, _section, reading) => {
    for (let n = 0; n < values; n++) words.take('a value')
    reading.warn(words, `'${name}' is ignored: ${why}`)
  })
}

/** What cannot be carried out, and must not be dropped silently. */
export function refused(names: string, why: string): Directives<unknown> {
  return each(names, () => () => refuse(why))
}

function each(names: string, make: (name: string) => Reader<unknown>): Directives<unknown> {
  return Object.fromEntries(names.split(/\s+/).map((name) => [name, make(name)]))
}
