import { random, shuffled, whole } from './random.ts'

/** One fault of a script. */
export interface Strike {
  /** The pause since the strike before, in milliseconds. */
  readonly afterMs: number
  /** The name of the fault. */
  readonly fault: string
  /** Which provider it hits: 0 is the current one, 1 the next in the list. */
  readonly offset: number
  /** How long until it is healed, in milliseconds. */
  readonly lastsMs: number
}

/** The least and the most, in milliseconds. */
export type Span = readonly [least: number, most: number]

export interface ScriptOptions {
  readonly faults: readonly { readonly name: string; readonly lastsMs?: Span }[]
  readonly providers: number
  /** How many strikes. Each fault comes equally often. */
  readonly strikes: number
}

const PAUSE_MS: Span = [20, 280]
const LASTS_MS: Span = [50, 400]
/** Most faults shall hit the provider that is in use. */
const ON_CURRENT = 0.7

/** The same seed gives the same script; that of a longer run begins like that of a shorter one. */
export function faultScript(seed: number, { faults, providers, strikes }: ScriptOptions): Strike[] {
  const next = random(seed)
  const strike = ({ name, lastsMs = LASTS_MS }: ScriptOptions['faults'][number]): Strike => ({
    afterMs: whole(next, ...PAUSE_MS),
    fault: name,
    offset: next() < ON_CURRENT ? 0 : whole(next, 0, providers - 1),
    lastsMs: whole(next, ...lastsMs),
  })
  const rounds = Array.from({ length: Math.ceil(strikes / faults.length) }, () => shuffled(next, faults).map(strike))
  return rounds.flat().slice(0, strikes)
}
