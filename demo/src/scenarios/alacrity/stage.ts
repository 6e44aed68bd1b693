import { type LineServer, startLineServer } from '@tourniquet/testkit'
import { RunningBalancer } from './balancer.ts'

const NAMES = ['A', 'B', 'C', 'D']
/** The last one comes and goes by reloads. */
export const ALWAYS = 3

/** The servers, and the balancer before them. */
export interface AlacrityStage {
  readonly servers: readonly LineServer[]
  readonly balancer: RunningBalancer
  stop(): Promise<void>
}

/** Leaves nothing behind if it rejects. */
export async function startStage(): Promise<AlacrityStage> {
  const started: AsyncDisposable[] = []
  const stop = async () => void (await Promise.all(started.map((each) => each[Symbol.asyncDispose]())))
  try {
    const servers = await Promise.all(NAMES.map((name) => startLineServer({ name })))
    started.push(...servers)
    const balancer = await RunningBalancer.start(servers.slice(0, ALWAYS))
    started.push(balancer)
    return { servers, balancer, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
