import type { ConnectContext, Connector, Phase, Verdict } from '../src/index.ts'

/** A service in memory: what is pending on it rejects when it is disconnected, as a driver's must. */
export interface FakeService {
  readonly source: string
  readonly signal: AbortSignal
  readonly lost: ConnectContext['lost']
  /** Never settles by itself. */
  hang(): Promise<never>
}

export interface FakeOptions {
  /** What a connect to `source` does; by default it succeeds at once. */
  readonly connect?: (source: string, context: ConnectContext) => unknown
  readonly disconnect?: (service: FakeService) => void | Promise<void>
  readonly probe?: (service: FakeService, context: { signal: AbortSignal }) => void | Promise<void>
  readonly judge?: (error: unknown, phase: Phase) => Verdict | undefined | Promise<Verdict | undefined>
}

/** A connector whose every call is recorded. */
export interface Fake extends Connector<string, FakeService> {
  readonly dials: string[]
  readonly disconnects: string[]
  readonly services: FakeService[]
  last(): FakeService
}

export function fake(options: FakeOptions = {}): Fake {
  const dials: string[] = []
  const disconnects: string[] = []
  const services: FakeService[] = []
  const pending = new Map<FakeService, Set<(error: unknown) => void>>()
  return {
    dials,
    disconnects,
    services,
    last: () => services.at(-1) as FakeService,
    async connect(source, context) {
      dials.push(source)
      await options.connect?.(source, context)
      const rejects = new Set<(error: unknown) => void>()
      const hang = () => new Promise<never>((_, reject) => rejects.add(reject))
      const service = { source, signal: context.signal, lost: context.lost, hang }
      services.push(service)
      pending.set(service, rejects)
      return service
    },
    async disconnect(service) {
      disconnects.push(service.source)
      for (const reject of pending.get(service) ?? []) reject(failure('ECONNABORTED'))
      await options.disconnect?.(service)
    },
    ...(options.probe && { probe: async (service, context) => options.probe?.(service, context) }),
    ...(options.judge && { judge: options.judge }),
  }
}

/** An error with a code, as a driver has them. */
export function failure(code: string, message = code): Error & { code: string } {
  return Object.assign(new Error(message), { code })
}

/** What a promise rejects with; throws if it does not reject. */
export async function rejection<E = Error & { code?: string }>(promise: Promise<unknown>): Promise<E> {
  try {
    await promise
  } catch (error) {
    return error as E
  }
  throw new Error('expected a rejection')
}

/** Waits until all microtasks that are due have run. */
export async function microtasks(turns = 50): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve()
}
