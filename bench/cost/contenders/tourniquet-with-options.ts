import type { Contender } from '../contender.ts'
import { fail, get, service } from '../service.ts'
import { RoundRobin } from '../shipped.ts'

const rr = new RoundRobin(['a', 'b'], { connect: () => service })
await rr.connect()
const options = { idempotent: true, maxAttempts: 3 }

export const tourniquetWithOptions: Contender = {
  name: 'tourniquet, options',
  how: 'the same with `rr.run(get, { idempotent: true, maxAttempts: 3 })`',
  call: () => rr.run(get, options),
  failing: () => rr.run(fail, options),
  async idle(calls) {
    for (let call = 0; call < calls; call++) await rr.run(get, options)
  },
  async bubbling(calls) {
    for (let call = 0; call < calls; call++) {
      try {
        await rr.run(fail, options)
      } catch {}
    }
  },
  close: () => rr.close(),
}
