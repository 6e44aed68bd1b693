import type { Contender } from '../contender.ts'
import { fail, get, service } from '../service.ts'
import { RoundRobin } from '../shipped.ts'

const rr = new RoundRobin(['a', 'b'], { connect: () => service })
await rr.connect()

export const tourniquet: Contender = {
  name: 'tourniquet',
  how: "`new RoundRobin(['a', 'b'], connector)`, `rr.run(get)`",
  call: () => rr.run(get),
  failing: () => rr.run(fail),
  async idle(calls) {
    for (let call = 0; call < calls; call++) await rr.run(get)
  },
  async bubbling(calls) {
    for (let call = 0; call < calls; call++) {
      try {
        await rr.run(fail)
      } catch {}
    }
  },
  close: () => rr.close(),
}
