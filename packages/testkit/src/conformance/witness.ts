import type { ConnectContext, Connector, Phase, Verdict } from '@tourniquet/core'

/** One `connect` that the engine asked for, and what became of it. */
export interface Dial {
  /** The provider's name. */
  readonly to: string
  readonly signal: AbortSignal
  state: 'pending' | 'open' | 'failed'
  /** How often its service was given to `disconnect`. */
  disconnects: number
}

/** Stands between an engine and a connector, and notes what each does. */
export class Witness<Source, Service> {
  readonly dials: Dial[] = []
  /** How often `probe` was called, and how often it passed. */
  readonly probes: { begun: number; passed: number } = { begun: 0, passed: 0 }
  /** What `judge` said, of which error. */
  readonly verdicts: { readonly error: unknown; readonly phase: Phase; readonly verdict: Verdict | undefined }[] = []
  /**
   * Holds the first service back until its dial was given up, as if the connector had ignored its signal. Nobody gets
   * another from its provider: on a busy machine the one after it may be late too, and it would be its turn again.
   */
  isFirstLate = false
  /** Called in the middle of each probe: its question was asked, the answer is still to come. */
  probing: () => void = () => {}
  readonly #byService = new Map<Service, Dial>()
  readonly #nameOf: (source: Source) => string

  constructor(nameOf: (source: Source) => string) {
    this.#nameOf = nameOf
  }

  /** Listens to a connector. It stays the same object: its class may have private members. */
  watch(connector: Connector<Source, Service>): void {
    const connect = connector.connect.bind(connector)
    const disconnect = connector.disconnect?.bind(connector)
    const probe = connector.probe?.bind(connector)
    const judge = connector.judge?.bind(connector)
    connector.connect = (source, context) => this.#connect(source, context, connect)
    connector.disconnect = (service, source) => {
      const dial = this.#byService.get(service)
      if (dial) dial.disconnects++
      return disconnect?.(service, source)
    }
    if (probe) connector.probe = (service, context) => this.#probe(async () => await probe(service, context))
    if (judge) connector.judge = (error, phase) => this.#note(error, phase, judge(error, phase))
  }

  /** The names of the providers that were dialled, in their order. */
  get dialled(): readonly string[] {
    return this.dials.map(({ to }) => to)
  }

  /** What `judge` said last of an error during a run, in words. */
  get lastVerdict(): string {
    const last = this.verdicts.findLast(({ phase }) => phase === 'run')
    if (!last) return 'judge was not asked'
    return last.verdict
      ? `judge said '${last.verdict}' of ${last.error}`
      : `judge left ${last.error} to the default table`
  }

  #connect(
    source: Source,
    { signal, lost }: ConnectContext,
    connect: Connector<Source, Service>['connect'],
  ): Promise<Service> {
    const dial: Dial = { to: this.#nameOf(source), signal, state: 'pending', disconnects: 0 }
    this.dials.push(dial)
    const opened = (service: Service): Service => {
      dial.state = 'open'
      this.#byService.set(service, dial)
      return service
    }
    const failed = (error: unknown): never => {
      dial.state = 'failed'
      throw error
    }
    const [first] = this.dials
    const open = async (): Promise<Service> => {
      if (!this.isFirstLate || dial.to !== first?.to) return connect(source, { signal, lost })
      if (dial !== first) throw new Error(`the first dial to ${dial.to} was late, and there is no other`)
      const service = await connect(source, { signal: new AbortController().signal, lost })
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
      return service
    }
    return open().then(opened, failed)
  }

  async #probe(probe: () => Promise<void>): Promise<void> {
    this.probes.begun++
    const answered = probe()
    this.probing()
    await answered
    this.probes.passed++
  }

  #note(error: unknown, phase: Phase, judged: Judged): Judged {
    const note = (verdict: Verdict | undefined): Verdict | undefined => {
      this.verdicts.push({ error, phase, verdict })
      return verdict
    }
    return typeof judged === 'object' ? judged.then(note) : note(judged)
  }
}

type Judged = Verdict | undefined | Promise<Verdict | undefined>
