import type { Problem } from './model.ts'

/**
 * A configuration that cannot be used. Its message has one line for each problem: `file:line: directive: message`.
 * No line shows a password.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  /** Stable: what to compare with. */
  readonly code = 'ERR_ALACRITY_CONFIG'
  /** Every error there is, not only the first; and the warnings, all in the order of the file. */
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(
      problems
        .filter(({ severity }) => severity === 'error')
        .map(formatProblem)
        .join('\n'),
    )
    this.problems = problems
  }
}

/** One line for people: `haproxy.cfg:12: balance: …`, and of a warning `haproxy.cfg:12: warning: balance: …`. */
export function formatProblem({ file, line, severity, directive, message }: Problem): string {
  const where = line === 0 ? file : `${file}:${line}`
  const what = directive === '' ? message : `${directive}: ${message}`
  return `${where}: ${severity === 'warning' ? 'warning: ' : ''}${what}`
}

/** Why one line cannot be taken. The reader of lines makes a `Problem` of it, and goes on with the next. */
export class Refusal extends Error {}

/** Refuses the line: what is wrong, what is expected instead. */
export function refuse(message: string): never {
  throw new Refusal(message)
}
