import { ConfigurationError } from '../../src/config/errors.ts'
import type { Configuration, Problem, ProxyConfig } from '../../src/config/model.ts'
import { readConfiguration } from '../../src/config/read.ts'

export const timeouts = 'defaults\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n'

export function read(text: string, env = {}): Configuration {
  return readConfiguration(text, { file: 'test.cfg', env })
}

/** A `listen` section with these lines, in a configuration that has nothing else to complain about. */
export function listen(lines: string): ProxyConfig {
  return read(inListen(lines)).proxies.find(({ name }) => name === 'l')!
}

/** The lines begin at line 8; after them comes a section `other`. */
export function inListen(lines: string): string {
  return `${timeouts}listen l\n  bind *:1\n  server s 10.0.0.1:1\n${lines}\nlisten other\n  bind *:9\n  server s 10.0.0.1:1\n`
}

/** The problems of a configuration that is refused. */
export function problemsOf(text: string): readonly Problem[] {
  try {
    read(text)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems
    throw error
  }
  throw new Error(`it loads, but should not:\n${text}`)
}

/** `line: directive: message` of the errors. */
export function errorsOf(text: string): string[] {
  return problemsOf(text)
    .filter(({ severity }) => severity === 'error')
    .map(({ line, directive, message }) => `${line}: ${directive}: ${message}`)
}
