/** One line as it came; what ends it, a line end or a `;`, is off. */
export interface Lines {
  readonly whole: readonly string[]
  readonly rest: string
}

/** Cuts what has come into commands: at line ends, and at each `;` that no backslash precedes. */
export function cut(text: string): Lines {
  const whole: string[] = []
  let start = 0
  for (let at = 0; at < text.length; at++) {
    const isEscape = text[at] === '\\' && text[at + 1] !== '\n'
    if (isEscape) at++
    else if (text[at] === '\n' || text[at] === ';') {
      whole.push(text.slice(start, at))
      start = at + 1
    }
  }
  return { whole, rest: text.slice(start) }
}

/** The words of a command. A backslash takes the next character as it is; what follows a `#` word is a comment. */
export function wordsOf(line: string): string[] {
  const words: readonly string[] = line.match(/(?:\\.|[^\\ \r])+/g) ?? []
  const comment = words.indexOf('#')
  return (comment === -1 ? words : words.slice(0, comment)).map((word) => word.replace(/\\(.)/g, '$1'))
}
