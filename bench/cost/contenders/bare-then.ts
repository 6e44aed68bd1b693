import type { Contender } from '../contender.ts'
import { fail, get, service } from '../service.ts'

const ok = <T>(value: T): T => value
const failed = (error: unknown): never => {
  throw error
}

/** The floor: nothing that reacts to a failure can do with less. */
export const bareThen: Contender = {
  name: 'bare `.then`',
  how: '`get(service).then(ok, failed)`: the floor for anything that reacts to a failure',
  call: () => get(service).then(ok, failed),
  failing: () => fail(service).then(ok, failed),
  async idle(calls) {
    for (let call = 0; call < calls; call++) await get(service).then(ok, failed)
  },
  async bubbling(calls) {
    for (let call = 0; call < calls; call++) {
      try {
        await fail(service).then(ok, failed)
      } catch {}
    }
  },
}
