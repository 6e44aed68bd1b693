import { createSocket, type Socket } from 'node:dgram'
import type { LogTarget } from '../config/model.ts'
import { syslogDate } from './date.ts'

/** Syslog's numbers. */
const facilities = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'auth2',
  'ftp',
  'ntp',
  'audit',
  'alert',
  'cron2',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
]
const levels = { emerg: 0, alert: 1, crit: 2, err: 3, warning: 4, notice: 5, info: 6, debug: 7 } as const

/** More bytes than that do not wait to be printed. */
const mostUnwritten = 1_048_576

export type Level = keyof typeof levels

/** By their numbers. */
export const levelNames: readonly Level[] = Object.keys(levels) as Level[]

/** Writes lines to where the configuration wants them: the standard streams, or syslog over UDP. */
export class LogWriter {
  readonly #streams = new Set<NodeJS.WriteStream>()
  #udp: { readonly 4?: Socket; readonly 6?: Socket } = {}

  write(targets: readonly LogTarget[], level: Level, lines: readonly string[], tag = 'alacrity'): void {
    for (const target of targets) {
      if (levels[level] > target.maxLevel) continue
      this.#send(
        target,
        lines.map((line) => formatted(target, level, line, tag).slice(0, target.length)),
      )
    }
  }

  close(): void {
    this.#udp[4]?.close()
    this.#udp[6]?.close()
    this.#udp = {}
  }

  #send({ to }: LogTarget, lines: readonly string[]): void {
    if (to.kind !== 'udp') this.#print(process[to.kind], lines)
    else for (const line of lines) this.#socket(to.host.includes(':') ? 6 : 4).send(line, to.port, to.host)
  }

  /** Who reads the log may be slow, or gone: that costs lines, and neither memory nor the balancer. */
  #print(stream: NodeJS.WriteStream, lines: readonly string[]): void {
    if (!this.#streams.has(stream)) stream.on('error', () => {})
    this.#streams.add(stream)
    if (stream.writableLength < mostUnwritten) stream.write(lines.map((line) => `${line}\n`).join(''))
  }

  #socket(family: 4 | 6): Socket {
    const known = this.#udp[family]
    if (known) return known
    const socket = createSocket(family === 4 ? 'udp4' : 'udp6')
    // A log server that is away costs its lines, and nothing else.
    socket.on('error', () => {})
    socket.unref()
    this.#udp = { ...this.#udp, [family]: socket }
    return socket
  }
}

function formatted({ format, facility }: LogTarget, level: Level, line: string, tag: string): string {
  const priority = `<${Math.max(0, facilities.indexOf(facility)) * 8 + levels[level]}>`
  switch (format) {
    case 'raw':
      return line
    case 'short':
      return `${priority}${line}`
    case 'timed':
      return `${priority}${new Date().toISOString()} ${line}`
    case 'iso':
      return `${new Date().toISOString()} ${tag}[${process.pid}]: ${line}`
    case 'rfc5424':
      return `${priority}1 ${new Date().toISOString()} - ${tag} ${process.pid} - - ${line}`
    case 'rfc3164':
      return `${priority}${syslogDate(Date.now())} ${tag}[${process.pid}]: ${line}`
  }
}
