// Prints what is left after many failovers, and after many runs with a deadline and a signal, as JSON. Arguments: the
// number of failovers, the number of runs. Run with --expose-gc.
import { getEventListeners } from 'node:events'
import { RoundRobin } from '../../src/index.ts'

const [failovers = 0, runs = 0] = process.argv.slice(2).map(Number)
let open = 0
const lost = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
const rr = new RoundRobin(
  ['a', 'b', 'c'],
  {
    connect: (source) => ({ source, number: open++ }),
    disconnect: () => void open--,
    probe: () => {},
  },
  { maxAttempts: 2, heartbeatMs: 60_000 },
)
const { signal } = new AbortController()

async function moveOn(times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    const former = rr.current
    await rr.run((service) => service.number)
    await rr.run((service) => (service.source === former ? Promise.reject(lost) : service.number))
  }
}

async function runLimited(times: number): Promise<void> {
  for (let time = 0; time < times; time += 100) {
    const batch = Array.from({ length: 100 }, () =>
      rr.run(async (service) => service.number, { deadlineMs: 60_000, signal }),
    )
    await Promise.all(batch)
  }
}

async function settled(): Promise<number> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 5))
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

/** Bytes that `work` leaves behind for each of its `times`, the first tenth of them being the warm-up. */
async function left(work: (times: number) => Promise<void>, times: number): Promise<number> {
  await work(times / 10)
  const before = await settled()
  await work(times)
  return ((await settled()) - before) / times
}

const bytesPerFailover = await left(moveOn, failovers)
const bytesPerRun = await left(runLimited, runs)
const listeners = getEventListeners(signal, 'abort').length
const openBefore = open
await rr.close()
const timers = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
console.log(JSON.stringify({ bytesPerFailover, bytesPerRun, listeners, openBefore, open, timers }))
