import { refuse } from './errors.ts'

/**
 * A regular expression as HAProxy has it, as one of JavaScript's: the two agree on what checks use. `(?i)`, `(?s)` and
 * `(?m)` at the beginning become flags.
 */
export function toPattern(text: string): RegExp {
  const [prefix, flags = ''] = /^\(\?([ism]+)\)/.exec(text) ?? ['']
  try {
    return new RegExp(text.slice(prefix.length), [...new Set(flags)].join(''))
  } catch (error) {
    return refuse(`'${text}' is not a regular expression: ${(error as Error).message}`)
  }
}
