import { badInput, checkLine, checkMs, checkPort } from '../bad-input.ts'

/** Where a server listens. */
export interface Address {
  host: string
  port: number
}

/** A server that is being started. */
export interface StartingServer extends Address {
  /** The last 4,096 characters that it has written so far. */
  output: string
}

/** What to start, and how to tell that it is up. */
export interface ServerOptions {
  /** The program: a path, or a name looked up in the PATH. */
  command: string
  /** Its arguments, or a function that makes them from the port it shall listen on. Default none. */
  args?: readonly string[] | ((port: number) => readonly string[])
  /** Added to this process's own environment; `undefined` takes a variable out. Default none. */
  env?: Readonly<Record<string, string | undefined>>
  /** The working folder. Default: this process's own. */
  cwd?: string
  /** The port of 127.0.0.1 it listens on. Default: a free one, kept for all its restarts. */
  port?: number
  /**
   * Called again and again until it resolves to anything but `false`: then the server is up. A
   * rejection means "not yet". Default: it accepts a TCP connection.
   */
  ready?: (server: StartingServer) => unknown
  /** Its name in errors. Default: the command. */
  name?: string
  /** How long a start may take until ready, in milliseconds. Default 30,000. */
  startTimeoutMs?: number
  /** What `stop()` asks with. Default `SIGTERM`. */
  stopSignal?: NodeJS.Signals
  /** How long `stop()` waits before it kills, in milliseconds. Default 2,000. */
  stopGraceMs?: number
}

/** Throws a TypeError that names the option which is not what it must be. */
export function checkServerOptions(options: ServerOptions): void {
  if (typeof options !== 'object' || options === null) throw badInput('options', 'an object with a "command"', options)
  const { command, args = [], port, ready, name, startTimeoutMs = 0, stopGraceMs = 0 } = options
  checkLine('command', command)
  if (!Array.isArray(args) && typeof args !== 'function') {
    throw badInput('args', 'an array of strings, or a function from the port to one', args)
  }
  if (port !== undefined) checkPort('port', port)
  if (ready !== undefined && typeof ready !== 'function') throw badInput('ready', 'a function', ready)
  if (name !== undefined) checkLine('name', name)
  checkMs('startTimeoutMs', startTimeoutMs)
  checkMs('stopGraceMs', stopGraceMs)
}
