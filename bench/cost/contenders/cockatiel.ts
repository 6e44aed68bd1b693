import { ExponentialBackoff, handleWhen, retry } from 'cockatiel'
import type { Contender } from '../contender.ts'
import { isNetworkError, service } from '../service.ts'

const policy = retry(handleWhen(isNetworkError), { maxAttempts: 2, backoff: new ExponentialBackoff() })
const get = () => service.get()
const fail = () => service.fail()

export const cockatiel: Contender = {
  name: 'cockatiel',
  how: '`retry(handleWhen(isNetworkError), { maxAttempts: 2, backoff: new ExponentialBackoff() })`',
  call: () => policy.execute(get),
  failing: () => policy.execute(fail),
  async idle(calls) {
    for (let call = 0; call < calls; call++) await policy.execute(get)
  },
  async bubbling(calls) {
    for (let call = 0; call < calls; call++) {
      try {
        await policy.execute(fail)
      } catch {}
    }
  },
}
