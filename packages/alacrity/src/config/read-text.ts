import { Refusal, refuse } from './errors.ts'
import { splitLine } from './lex.ts'
import type { Place } from './model.ts'
import { didYouMean } from './nearest.ts'
import type { Reading } from './reading.ts'
import { type ReadLine, sections } from './sections.ts'
import { Words } from './words.ts'

/** Reads one file. What is wrong goes to `reading.problems`; the lines after it are read all the same. */
export function readText(text: string, file: string, reading: Reading): void {
  let readLine: ReadLine = outside
  const lines = text.replace(/^\uFEFF/, '').split('\n')
  for (const [index, line] of lines.entries()) {
    const words = split({ file, line: index + 1 }, line.replace(/\r$/, ''), reading)
    if (words.isAtEnd) continue
    orProblem(words, reading, () => {
      const open = sections.get(words.peek()!)
      if (open === undefined) {
        readLine(words, reading)
      } else {
        readLine = skip // unless the section opens
        words.takeName('')
        readLine = open(words, reading)
      }
      words.end()
    })
  }
}

/** No words where the line cannot be split. */
function split(place: Place, line: string, reading: Reading): Words {
  let words: string[] = []
  orProblem(new Words(place, []), reading, () => {
    words = splitLine(line, reading.env)
  })
  return new Words(place, words)
}

function orProblem(words: Words, reading: Reading, read: () => void): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    reading.problems.error(words.place, words.directive, error.message)
  }
}

/** The lines of a section that was refused: one error is enough. */
const skip: ReadLine = (words) => {
  words.rest()
}

const outside: ReadLine = (words) => {
  const name = words.takeName('')
  if (name.startsWith('.')) refuse('conditional blocks are not known here: expected a section such as defaults')
  refuse(`expected a section such as global, defaults or listen${didYouMean(name, sections.keys())}`)
}
