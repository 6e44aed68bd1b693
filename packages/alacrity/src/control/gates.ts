import { bytesOf } from '../balance/address.ts'
import { overlap } from './bind-errors.ts'

/** Somewhere that we listen. */
export interface Gate {
  /** What makes it the same one after a reload. */
  readonly key: string
  readonly at: { readonly host: string; readonly port: number } | { readonly path: string }
  /** Others that share too may listen there beside it (`SO_REUSEPORT`). */
  readonly isShared: boolean
}

/** Opens and closes gates of one kind. */
export interface GateKeeper<G extends Gate> {
  /** What is open. */
  readonly gates: readonly G[]
  /**
   * Has exactly these open. What stays is not touched.
   *
   * @throws Error that names the line, where one cannot be opened
   */
  have(gates: readonly G[]): Promise<void>
}

/** What a configuration that is about to be applied wants of one kind. */
export interface GateChange {
  readonly going: readonly Gate[]
  readonly coming: readonly Gate[]
  have(isMeant: (gate: Gate) => boolean): Promise<void>
}

export function changeOf<G extends Gate>(keeper: GateKeeper<G>, wanted: readonly G[]): GateChange {
  const { gates: now } = keeper
  const isIn = (gates: readonly G[]) => {
    const keys = new Set(gates.map(({ key }) => key))
    return ({ key }: G) => keys.has(key)
  }
  const [isThere, isWanted] = [isIn(now), isIn(wanted)]
  const coming = wanted.filter((gate) => !isThere(gate))
  const both = [...now, ...coming]
  return {
    going: now.filter((gate) => !isWanted(gate)),
    coming,
    have: (isMeant) => keeper.have(both.filter(isMeant)),
  }
}

/**
 * Opens what comes, while what goes is still open: a reload that fails has changed nothing. Only what goes and has the
 * very address of something that comes is closed first, at the end, when nothing else can fail.
 *
 * @throws Error that names the line, where one cannot be opened; then all is as it was
 */
export async function openComing(changes: readonly GateChange[]): Promise<void> {
  const coming = new Set(changes.flatMap((change) => change.coming))
  if (coming.size === 0) return
  const going = changes.flatMap((change) => change.going)
  const late = new Set([...coming].filter((gate) => going.some((other) => excludes(gate, other))))
  const inTheWay = new Set(going.filter((gate) => [...late].some((other) => excludes(gate, other))))
  try {
    await all(changes, (gate) => !late.has(gate))
    if (late.size === 0) return
    await all(changes, (gate) => !late.has(gate) && !inTheWay.has(gate))
    await all(changes, (gate) => !inTheWay.has(gate))
  } catch (error) {
    await all(changes, (gate) => !coming.has(gate))
    throw error
  }
}

async function all(changes: readonly GateChange[], isMeant: (gate: Gate) => boolean): Promise<void> {
  for (const change of changes) await change.have(isMeant)
}

/** Can only one of the two be open? */
function excludes(one: Gate, other: Gate): boolean {
  if ('path' in one.at || 'path' in other.at) return isSamePath(one.at, other.at)
  if (one.isShared && other.isShared) return false
  return one.at.port === other.at.port && overlap(bytesOf(one.at.host), bytesOf(other.at.host))
}

function isSamePath(one: Gate['at'], other: Gate['at']): boolean {
  return 'path' in one && 'path' in other && one.path === other.path
}
