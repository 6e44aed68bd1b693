// Prints what one call through `run` costs over a direct call: bytes of heap, as JSON. Run with --expose-gc and a young
// generation so large that nothing is collected in between.
import { RoundRobin } from '../../src/index.ts'

const calls = 10_000
const rr = new RoundRobin(['a', 'b'], { connect: () => ({ get: async () => 7 }) })
const get = (service: { get(): Promise<number> }) => service.get()
await rr.connect()
const service = await rr.run((service) => service)

async function direct(): Promise<void> {
  for (let call = 0; call < calls; call++) await get(service)
}

async function throughRun(): Promise<void> {
  for (let call = 0; call < calls; call++) await rr.run(get)
}

/** What a call allocates. The least of several looks: the compiler at work beside it can only add to that. */
async function bytesPerCall(work: () => Promise<void>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let look = 0; look < 7; look++) {
    globalThis.gc?.()
    const before = process.memoryUsage().heapUsed
    await work()
    least = Math.min(least, (process.memoryUsage().heapUsed - before) / calls)
  }
  return least
}

const directBytes = await bytesPerCall(direct)
const runBytes = await bytesPerCall(throughRun)
console.log(JSON.stringify({ directBytes, runBytes }))
