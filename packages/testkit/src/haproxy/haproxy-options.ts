import { badInput, checkLine, checkMs, checkPort } from '../bad-input.ts'

export interface HAProxyOptions {
  /**
   * The text of the `haproxy.cfg`, or a function that makes it from the port that the server shall listen on and the
   * server's own folder, in which a `stats socket` may be: `stats socket ${folder}/admin.sock level admin`.
   */
  config: string | ((port: number, folder: string) => string)
  /** Its name in errors. Default `haproxy`. */
  name?: string
  /** One that it listens on. Default: that of the first `bind` in a text; a free one for a function. */
  port?: number
  /** Added to the arguments, after ours: `['-V']`. Default none. */
  args?: readonly string[]
  /** How long a start may take until it listens, in milliseconds. Default 30,000. */
  startTimeoutMs?: number
}

/** Throws a TypeError that names the option which is not what it must be. */
export function checkHAProxyOptions(options: HAProxyOptions): void {
  if (typeof options !== 'object' || options === null) throw badInput('options', 'an object', options)
  const { config, name, port, args = [], startTimeoutMs = 0 } = options
  const isConfig = typeof config === 'string' || typeof config === 'function'
  if (!isConfig) throw badInput('config', 'the text of a configuration, or a function that makes it', config)
  if (name !== undefined) checkLine('name', name)
  if (port !== undefined) checkPort('port', port)
  const areWords = Array.isArray(args) && args.every((word) => typeof word === 'string')
  if (!areWords) throw badInput('args', 'an array of strings', args)
  checkMs('startTimeoutMs', startTimeoutMs)
}
