import type { Options } from '@tourniquet/core'

/** What happens to A, the current provider or the first of the list. */
type Fault = 'kill' | 'killWhileIdle' | 'freeze' | 'mute'

export interface Scenario {
  readonly label: string
  readonly fault: Fault
  /** Operations that are in flight on A when it happens. Without any, the next call is timed. */
  readonly inFlight: number
  /** How much later the network hands each thing to B, and back, until a connection to it is up. */
  readonly delayMs?: number
  readonly options?: Options
}

// The dial is handed on so much later, and so is the greeting: a connect takes 200 ms.
const slow = { delayMs: 100 }
const standby: Options = { standby: true }
// The short form looks at counts, not at times: no limit may trip there because the machine is busy.
const limit = (ms: number) => (process.argv.includes('--short') ? 2_000 : ms)
const heartbeat: Options = { heartbeatMs: 250, probeTimeoutMs: limit(250) }
const timeLimit: Options = { connectTimeoutMs: limit(500) }

const killed = { fault: 'kill', inFlight: 1_000 } as const
const idle = { fault: 'killWhileIdle', inFlight: 0, ...slow } as const
const frozen = { fault: 'freeze', inFlight: 100, ...slow } as const
const mute = { fault: 'mute', inFlight: 0 } as const

export const scenarios: readonly Scenario[] = [
  { label: 'killed, 1,000 calls in flight', ...killed },
  { label: 'killed, 1,000 in flight, slow connect', ...killed, ...slow },
  { label: 'killed, 1,000 in flight, slow connect, standby', ...killed, ...slow, options: standby },
  { label: 'killed while idle, slow connect', ...idle },
  { label: 'killed while idle, slow connect, standby', ...idle, options: standby },
  { label: 'frozen, 100 in flight, slow connect', ...frozen, options: heartbeat },
  { label: 'frozen, 100 in flight, slow connect, standby', ...frozen, options: { ...heartbeat, ...standby } },
  { label: 'mute when first dialled', ...mute, options: timeLimit },
  { label: 'mute when first dialled, hedge', ...mute, options: { ...timeLimit, hedgeMs: 50 } },
]
