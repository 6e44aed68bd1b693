import { badInput, checkLine, checkMs, checkPort } from '../bad-input.ts'

export interface RedisPairOptions {
  /**
   * Added to the arguments of `redis-server`, after ours: the last word counts. A function makes them from the port.
   * Default none: nothing is written to disk, nobody needs a password.
   */
  args?: readonly string[] | ((port: number) => readonly string[])
  /** Added to the arguments of `redis-cli`, where it needs more than the port: `['-a', 'secret']`. Default none. */
  cliArgs?: readonly string[]
  /** How long a start may take until ready, in milliseconds. Default 30,000. */
  startTimeoutMs?: number
}

export interface RedisOptions extends RedisPairOptions {
  /** Its name in errors. Default `redis`. */
  name?: string
  /** Default: a free one. */
  port?: number
}

/** Throws a TypeError that names the option which is not what it must be. */
export function checkRedisOptions(options: RedisOptions): void {
  if (typeof options !== 'object' || options === null) throw badInput('options', 'an object', options)
  const { name, port, args = [], cliArgs = [], startTimeoutMs = 0 } = options
  if (name !== undefined) checkLine('name', name)
  if (port !== undefined) checkPort('port', port)
  if (typeof args !== 'function') checkWords('args', args, 'an array of strings, or a function from the port to one')
  checkWords('cliArgs', cliArgs, 'an array of strings')
  checkMs('startTimeoutMs', startTimeoutMs)
}

function checkWords(option: string, value: unknown, expected: string): void {
  const fits = Array.isArray(value) && value.every((word) => typeof word === 'string')
  if (!fits) throw badInput(option, expected, value)
}
