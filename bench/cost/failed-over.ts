import { compare, type Effort, type Look } from './compare.ts'
import { HandWritten } from './hand-written.ts'
import type { Measured } from './measured.ts'
import { MemoryService } from './memory-service.ts'
import { RoundRobin } from './shipped.ts'
import { ratiosOf } from './time.ts'

const NS_PER_MS = 1e6
// So few that a look is over before anybody else gets the CPU.
const CALLS = 100
const ALONE = 20
const WARM_UPS = 200
const sources = ['a', 'b', 'c']

const rr = new RoundRobin(sources, { connect: () => new MemoryService() }, { idempotent: true })
const loop = new HandWritten(sources, () => new MemoryService())

const hold = (service: MemoryService, attempt: number) => (attempt === 1 ? service.hold() : service.get())
const holdThrough = (service: MemoryService, { attempt }: { attempt: number }) => hold(service, attempt)
const once = (service: MemoryService) => service.getOnce()
const get = (service: MemoryService) => service.get()

/** From the death of a service with so many calls in flight until all of them have their result from the next one. */
async function nsAfterDeath(service: MemoryService, calls: Promise<number>[]): Promise<number> {
  const startedAt = performance.now()
  service.die()
  await Promise.all(calls)
  return ((performance.now() - startedAt) * NS_PER_MS) / CALLS
}

const together: Look = async () => {
  await rr.run(get)
  const service = await rr.run(async (service) => service)
  return nsAfterDeath(
    service,
    Array.from({ length: CALLS }, () => rr.run(holdThrough)),
  )
}

const togetherByHand: Look = async () => {
  await loop.run(get)
  const service = await loop.run(async (service) => service)
  const calls = Array.from({ length: CALLS }, () => loop.run(hold))
  await Promise.resolve() // by then each has its service
  return nsAfterDeath(service, calls)
}

/** Every call finds its service dead: it serves one, and no more. */
const alone: Look = async () => {
  const startedAt = performance.now()
  for (let call = 0; call < ALONE; call++) await rr.run(once)
  return ((performance.now() - startedAt) * NS_PER_MS) / ALONE
}

const aloneByHand: Look = async () => {
  const startedAt = performance.now()
  for (let call = 0; call < ALONE; call++) await loop.run(once)
  return ((performance.now() - startedAt) * NS_PER_MS) / ALONE
}

async function comparison(base: Look, look: Look, effort: Effort): Promise<Measured> {
  for (let warmUp = 0; warmUp < WARM_UPS; warmUp++) {
    await base()
    await look()
  }
  return ratiosOf(await compare(base, new Map([['tourniquet', look]]), effort))
}

/** What our own code does for a call that fails over, with services that take no time. */
export const failedOverTogether = (effort: Effort): Promise<Measured> => comparison(togetherByHand, together, effort)
export const failedOverAlone = (effort: Effort): Promise<Measured> => comparison(aloneByHand, alone, effort)
