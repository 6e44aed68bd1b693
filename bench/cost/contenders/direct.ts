import type { Contender } from '../contender.ts'
import { fail, get, service } from '../service.ts'

/** What all are held against. */
export const direct: Contender = {
  name: 'direct call',
  how: '`await get(service)`',
  call: () => get(service),
  failing: () => fail(service),
  async idle(calls) {
    for (let call = 0; call < calls; call++) await get(service)
  },
  async bubbling(calls) {
    for (let call = 0; call < calls; call++) {
      try {
        await fail(service)
      } catch {}
    }
  },
}
