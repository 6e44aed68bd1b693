// Checked by the type checker alone; never run.
import { expectTypeOf } from 'vitest'
import {
  type Connector,
  type ExhaustedError,
  type Outcome,
  type ProviderInfo,
  RoundRobin,
  type RunContext,
  type TourniquetError,
  type Verdict,
} from './index.ts'

class Socket {
  send = async (text: string): Promise<number> => text.length
}

// Source and service are inferred from the sources and an inline connector …
const inline = new RoundRobin(['tcp://a:1'], {
  connect(source, { signal, lost }) {
    expectTypeOf(source).toEqualTypeOf<string>()
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
    lost(new Error('gone'))
    return new Socket()
  },
  disconnect(service) {
    expectTypeOf(service).toEqualTypeOf<Socket>()
  },
  probe: async (service, { source }) => {
    expectTypeOf(service).toEqualTypeOf<Socket>()
    expectTypeOf(source).toEqualTypeOf<string>()
  },
  judge: (error, phase) => (phase === 'run' && error instanceof Error ? 'next' : undefined),
})
expectTypeOf(inline).toEqualTypeOf<RoundRobin<string, Socket>>()

// … through a promise …
expectTypeOf(new RoundRobin([1], { connect: async () => new Socket() })).toEqualTypeOf<RoundRobin<number, Socket>>()

// … and from a connector class.
class SocketConnector implements Connector<{ host: string }, Socket> {
  connect(source: { host: string }): Promise<Socket> {
    return Promise.resolve(Object.assign(new Socket(), source))
  }
}
expectTypeOf(new RoundRobin([{ host: 'a' }], new SocketConnector())).toEqualTypeOf<
  RoundRobin<{ host: string }, Socket>
>()

// What run returns is what the function returns, unwrapped.
expectTypeOf(inline.run((socket) => socket.send('x'))).toEqualTypeOf<Promise<number>>()
expectTypeOf(inline.run(() => 7)).toEqualTypeOf<Promise<number>>()
expectTypeOf(inline.run((_, context) => context)).toEqualTypeOf<Promise<RunContext<string>>>()
expectTypeOf(inline.connect()).toEqualTypeOf<Promise<string>>()
expectTypeOf(inline.failover()).toEqualTypeOf<Promise<string>>()
expectTypeOf(inline.current).toEqualTypeOf<string | undefined>()
expectTypeOf(inline.providers).toEqualTypeOf<readonly ProviderInfo<string>[]>()
expectTypeOf<ProviderInfo<string>['state']>().toEqualTypeOf<'current' | 'spare' | 'cooling' | 'idle'>()
expectTypeOf<Verdict>().toEqualTypeOf<'caller' | 'next' | 'unsure' | 'suspect'>()
expectTypeOf<Outcome>().toEqualTypeOf<'not-applied' | 'unknown'>()
expectTypeOf<ExhaustedError>().toExtend<TourniquetError>()

inline.on('failover', (event) => {
  expectTypeOf(event.reason).toEqualTypeOf<'error' | 'lost' | 'probe' | 'timeout' | 'failback' | 'removed' | 'manual'>()
  expectTypeOf(event.source).toEqualTypeOf<string | undefined>()
})
inline.on('exhausted', ({ error }) => expectTypeOf(error).toEqualTypeOf<ExhaustedError>())

// A service of any kind will do where nobody looks at it.
expectTypeOf(inline).toExtend<Pick<RoundRobin<string, unknown>, 'providers' | 'on' | 'failover' | 'close'>>()

// Negative: what must not compile.

// @ts-expect-error a connector needs connect
new RoundRobin(['a'], {})
// @ts-expect-error the sources must be what the connector takes
new RoundRobin([7], new SocketConnector())
// @ts-expect-error an unknown option
new RoundRobin(['a'], { connect: () => 1 }, { retries: 3 })
// @ts-expect-error a time is a number
new RoundRobin(['a'], { connect: () => 1 }, { deadlineMs: '5s' })
// @ts-expect-error connectTimeoutMs is no option of a run
void inline.run(() => 1, { connectTimeoutMs: 5 })
// @ts-expect-error the service has no such method
void inline.run((socket) => socket.missing())
// @ts-expect-error there is no such event
inline.on('moved', () => {})
// @ts-expect-error the list is of the same sources
inline.setSources([7])
// @ts-expect-error there is no such verdict
new RoundRobin(['a'], { connect: () => 1, judge: () => 'retry' })
// @ts-expect-error current cannot be set
inline.current = 'b'
