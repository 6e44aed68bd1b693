import CircuitBreaker from 'opossum'
import type { Contender } from '../contender.ts'
import { isNetworkError, service } from '../service.ts'

const options = { timeout: false as const, errorFilter: (error: unknown) => !isNetworkError(error) }
const breaker = new CircuitBreaker(() => service.get(), options)
const failing = new CircuitBreaker(() => service.fail(), options)

export const opossum: Contender = {
  name: 'opossum',
  how: '`new CircuitBreaker(get, { timeout: false, errorFilter })`: a breaker, it does not retry; without its time-out, which would cost it a timer a call',
  call: () => breaker.fire(),
  failing: () => failing.fire(),
  async idle(calls) {
    for (let call = 0; call < calls; call++) await breaker.fire()
  },
  async bubbling(calls) {
    for (let call = 0; call < calls; call++) {
      try {
        await failing.fire()
      } catch {}
    }
  },
  close() {
    breaker.shutdown()
    failing.shutdown()
  },
}
