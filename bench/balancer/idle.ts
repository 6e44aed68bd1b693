import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startServer, waitFor } from '@tourniquet/testkit'
import { type Balancer, startBalancer } from './balancer.ts'
import { cpus, pinnedTo, residentOf } from './cpus.ts'
import type { Origins } from './origins.ts'

/** So many connections are opened, and say nothing. */
export const idleConnections = 5_000

const client = fileURLToPath(new URL('hold.mjs', import.meta.url))

/** What each of them adds to the memory of a balancer that has just started, in kilobytes of 1,024. */
export async function idleMemoryOf(balancer: Balancer, { folder, ports }: Origins): Promise<number> {
  const running = await startBalancer(balancer, folder, ports)
  const pid = running.server.pid as number
  const before = await steady(() => residentOf(pid))
  // Only now: what looked whether it listens has gone.
  const files = openFilesOf(pid)
  const holding = pinnedTo(cpus.last, [process.execPath, client, `${running.ports.web}`, `${idleConnections}`])
  const [command, ...args] = holding
  const holder = await startServer({ name: 'the idle clients', command, args, ready: () => true })
  try {
    // One file towards the client, and one towards the server.
    const areOpen = () => openFilesOf(pid) >= files + 2 * idleConnections
    await waitFor(areOpen, { timeoutMs: 30_000, what: `${balancer.name} to have all idle connections` })
    return ((await steady(() => residentOf(pid))) - before) / idleConnections
  } finally {
    await Promise.all([holder, running.server].map((server) => server.stop()))
  }
}

function openFilesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

/** A number, once it has been the same for a second, but for a hundredth. */
async function steady(value: () => number): Promise<number> {
  let looks: number[] = []
  const isSteady = () => {
    looks = [...looks, value()].slice(-5)
    return looks.length === 5 && Math.max(...looks) < 1.01 * Math.min(...looks)
  }
  await waitFor(isSteady, { timeoutMs: 30_000, intervalMs: 250, what: 'memory to be steady' })
  return looks.at(-1) as number
}
