import { refuse } from './errors.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** What a variable stands for: the first is part of the word it stands in, the others are words of their own. */
export interface Expansion {
  readonly words: readonly string[]
  /** Where the line goes on. */
  readonly end: number
}

/**
 * The variable at a `$`: `$NAME`, `${NAME}`, `${NAME-default}`, or `${NAME[*]}`, whose value is split at its blanks.
 * One that is not set is empty.
 *
 * @throws Refusal for a bad name, or a brace that is not closed
 */
export function expandVariable(line: string, at: number, env: Environment): Expansion {
  const braced = line[at + 1] === '{'
  const start = at + (braced ? 2 : 1)
  const [name] = /^[A-Za-z_]\w*/.exec(line.slice(start)) ?? []
  if (name === undefined) return refuse(`'$' at column ${at + 1}: expected the name of a variable, or '\\$'`)
  const end = start + name.length
  return braced ? expandBraced(line, { at, name, end }, env) : { words: [env[name] ?? ''], end }
}

type Found = { readonly at: number; readonly name: string; readonly end: number }

function expandBraced(line: string, { at, name, end }: Found, env: Environment): Expansion {
  const close = line.indexOf('}', end)
  if (close < 0) return refuse(`'\${${name}' at column ${at + 1}: expected a closing '}'`)
  const [isKnown, list, fallback = ''] = /^(\[\*\])?(?:-(.*))?$/.exec(line.slice(end, close)) ?? []
  if (isKnown === undefined) {
    return refuse(`the variable '${name}' at column ${at + 1}: expected \${NAME}, \${NAME-default} or \${NAME[*]}`)
  }
  const value = env[name] ?? fallback
  return { words: list === undefined ? [value] : value.split(/ +/), end: close + 1 }
}
