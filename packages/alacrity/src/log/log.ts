import type { ProxyConfig, ProxyLog } from '../config/model.ts'
import type { Report } from '../engine/plan.ts'
import type { Ending, Session } from '../engine/session/session.ts'
import { compileFormat, type Line } from './format.ts'

/** HAProxy's `option tcplog`. */
const tcplog = '%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq'
/** What is logged at the beginning of a connection where no format is asked for. */
const connectFrom = 'Connect from %ci:%cp to %fi:%fp (%f/TCP)'

/** So many lines are sent to the control thread at once, at the latest. */
const batch = 256

/** The log of a data thread: makes the lines, and hands them over in batches. */
export class Log {
  readonly #report: (report: Report) => void
  readonly #lines = new Map<ProxyLog, string[]>()
  readonly #formats = new WeakMap<ProxyConfig, Line>()

  constructor(report: (report: Report) => void) {
    this.#report = report
  }

  /** A session begins. */
  begun(session: Session): void {
    const { config } = session.frontend
    if (config.log.targets.length === 0 || config.log.format.kind !== 'default') return
    this.#add(config.log, this.#lineOf(config, connectFrom)({ session, ending: '--', totalMs: 0 }))
  }

  /** A session is over. */
  ended(session: Session, ending: Ending, totalMs: number): void {
    const { config } = session.frontend
    const { targets, format, dontlognull, dontlogNormal } = config.log
    if (targets.length === 0 || format.kind === 'default') return
    if (dontlogNormal && ending === '--') return
    // A port scan or somebody's check: it came and went, and said nothing.
    if (dontlognull && session.bytesIn + session.bytesOut === 0) return
    this.#add(config.log, this.#lineOf(config, format.text || tcplog)({ session, ending, totalMs }))
  }

  flush(): void {
    for (const [{ targets, tag }, lines] of this.#lines) this.#report({ type: 'log', targets, tag, lines })
    this.#lines.clear()
  }

  #add(log: ProxyLog, line: string): void {
    const lines = this.#lines.get(log)
    if (!lines) this.#lines.set(log, [line])
    else if (lines.push(line) >= batch) this.flush()
  }

  #lineOf(config: ProxyConfig, text: string): Line {
    const known = this.#formats.get(config)
    if (known) return known
    const line = compileFormat(text)
    this.#formats.set(config, line)
    return line
  }
}
