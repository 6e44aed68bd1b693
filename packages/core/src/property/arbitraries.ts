import fc, { type Arbitrary } from 'fast-check'
import {
  type DialPlan,
  type DisconnectPlan,
  everyProvider,
  type OperationPlan,
  type ProbePlan,
  type ProviderPlan,
  type RunPlan,
  type Scenario,
  type Step,
  signalCount,
} from './plan.ts'

/** What a property looks at: which steps, which options, and how unwell the providers are. */
export interface Focus {
  readonly steps?: Partial<Record<Step['do'], number>>
  readonly operations?: readonly OperationPlan['kind'][]
  readonly dials?: readonly DialPlan['kind'][]
  readonly sources?: number
  readonly cooldownMs?: readonly number[]
  readonly limits?: boolean
  /** Which options of the second link it may have; none, if left out. */
  readonly spare?: readonly ('hedge' | 'standby' | 'failback')[]
}

const never = Number.POSITIVE_INFINITY
// Few and round, so that things often happen in the same moment.
const ms = fc.constantFrom(0, 10, 20, 30, 40, 80)

function optional<T>(value: Arbitrary<T>): Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined })
}

function dials(kinds: readonly DialPlan['kind'][] = []): Arbitrary<readonly DialPlan[]> {
  const all = ['open', 'open', 'open', 'open', 'refuse', 'caller', 'throw', 'hang', 'deaf', 'lost'] as const
  const plan = fc.record({
    kind: fc.constantFrom(...(kinds.length > 0 ? kinds : all)),
    afterMs: ms,
    livesMs: fc.constantFrom(never, never, never, 5, 10, 40),
  })
  return fc.array(plan, { minLength: 1, maxLength: 4 })
}

const probes: Arbitrary<readonly ProbePlan[]> = fc.array(
  fc.record({ kind: fc.constantFrom('pass', 'pass', 'pass', 'fail', 'hang'), afterMs: fc.constantFrom(1, 10, 20) }),
  { minLength: 1, maxLength: 3 },
)

const disconnects: Arbitrary<readonly DisconnectPlan[]> = fc.array(
  fc.constantFrom('at once', 'at once', 'later', 'throw', 'hang'),
  { minLength: 1, maxLength: 2 },
)

function providers({ dials: kinds }: Focus): Arbitrary<readonly ProviderPlan[]> {
  const provider = fc.record({ dials: dials(kinds), probes, disconnects })
  return fc.array(provider, { minLength: everyProvider.length, maxLength: everyProvider.length })
}

const allOperations: readonly OperationPlan['kind'][] = [
  ...(['ok', 'ok', 'ok', 'next', 'next', 'unsure', 'suspect', 'caller'] as const),
  ...(['hang', 'heed', 'frozen', 'die', 'unjudged', 'throw'] as const),
]

function run({ operations: kinds = allOperations, limits = true }: Focus): Arbitrary<RunPlan> {
  const operation = fc.record({ kind: fc.constantFrom(...kinds), afterMs: ms, isApplied: fc.boolean() })
  const limitMs = limits ? fc.constantFrom(undefined, undefined, undefined, 10, 30, 60) : fc.constant(undefined)
  return fc.record({
    operations: fc.array(operation, { maxLength: 4 }),
    limits: fc.record({
      idempotent: optional(fc.boolean()),
      maxAttempts: fc.constantFrom(undefined, undefined, 1, 2, 3, never),
      deadlineMs: limitMs,
      attemptTimeoutMs: limitMs,
    }),
    signal: limits ? optional(fc.nat(signalCount - 1)) : fc.constant(undefined),
  })
}

function step(focus: Focus): Arbitrary<Step> {
  const kinds: { readonly [Kind in Step['do']]: Arbitrary<Omit<Extract<Step, { do: Kind }>, 'do'>> } = {
    run: fc.record({ runs: fc.array(run(focus), { minLength: 1, maxLength: 4 }) }),
    wait: fc.record({ ms: fc.constantFrom(1, 5, 10, 20, 50, 100) }),
    connect: fc.record({ deadlineMs: fc.constantFrom(undefined, undefined, 20) }),
    abort: fc.record({ signal: fc.nat(signalCount - 1) }),
    lose: fc.record({ link: fc.nat(9) }),
    failover: fc.record({}),
    setSources: fc.record({
      sources: fc.shuffledSubarray([...everyProvider], { minLength: 1 }),
    }),
    close: fc.record({ drainMs: fc.constantFrom(undefined, 0, 15, 100) }),
  }
  const weights = {
    run: 8,
    wait: 7,
    connect: 1,
    abort: 0,
    lose: 2,
    failover: 0,
    setSources: 0,
    close: 0,
    ...focus.steps,
  }
  const names = Object.keys(kinds) as Step['do'][]
  return fc.oneof(
    ...names.map((name) => ({
      weight: weights[name],
      arbitrary: (kinds[name] as Arbitrary<object>).map((rest) => ({ do: name, ...rest }) as Step),
    })),
  )
}

const hedgeMs = fc.constantFrom(never, never, 0, 5, 15)
const failback = optional(fc.record({ afterMs: fc.constantFrom(40, 100), intervalMs: fc.constantFrom(10, 30) }))

/** One that is looked at mostly is on; the others mostly are not. */
function spareOptions({ spare = [] }: Focus) {
  const among = new Set(spare)
  return fc.record({
    hedgeMs: among.has('hedge') ? hedgeMs : fc.constant(never),
    standby: among.has('standby') ? fc.boolean() : fc.constant(false),
    failback: among.has('failback') ? failback : fc.constant(undefined),
  })
}

/** A scenario: options, what each provider does, and what happens when. */
export function scenario(focus: Focus = {}): Arbitrary<Scenario> {
  const { sources = everyProvider.length, cooldownMs = [0, 0, 30, 100] } = focus
  return fc
    .record({
      sources: fc.integer({ min: 1, max: sources }).map((count) => everyProvider.slice(0, count)),
      options: fc.record({
        idempotent: optional(fc.boolean()),
        maxAttempts: fc.constantFrom(undefined, undefined, undefined, 1, 2, 5),
        connectTimeoutMs: fc.constantFrom(30, 50),
        attemptTimeoutMs: focus.limits === false ? fc.constant(never) : fc.constantFrom(never, never, never, 20),
        cooldownMs: fc.constantFrom(...cooldownMs),
        drainMs: fc.constantFrom(0, 20, 60),
        heartbeatMs: fc.constantFrom(never, never, 15, 40),
        probeTimeoutMs: fc.constantFrom(10, 25),
        backoff: fc.constantFrom({ initialMs: 1, maxMs: 5 }, { initialMs: 10, maxMs: 40 }),
      }),
      spare: spareOptions(focus),
      providers: providers(focus),
      judge: fc.constantFrom('sync', 'sync', 'none', 'promise', 'slow'),
      canProbe: fc.boolean(),
      random: fc.array(fc.constantFrom(0, 0.5, 0.999), { minLength: 1, maxLength: 3 }),
      steps: fc.array(fc.record({ step: step(focus), together: fc.boolean() }), { maxLength: 20, size: 'max' }),
    })
    .map(({ options, spare, canProbe, ...rest }) => ({
      ...rest,
      canProbe,
      options: { ...options, ...spare, heartbeatMs: canProbe ? options.heartbeatMs : never },
    })) as Arbitrary<Scenario>
}
