import retry from 'p-retry'
import type { Contender } from '../contender.ts'
import { isNetworkError, service } from '../service.ts'

const options = { retries: 2, shouldRetry: ({ error }: { error: Error }) => isNetworkError(error) }
const get = () => service.get()
const fail = () => service.fail()

export const pRetry: Contender = {
  name: 'p-retry',
  how: '`pRetry(get, { retries: 2, shouldRetry })`',
  call: () => retry(get, options),
  failing: () => retry(fail, options),
  async idle(calls) {
    for (let call = 0; call < calls; call++) await retry(get, options)
  },
  async bubbling(calls) {
    for (let call = 0; call < calls; call++) {
      try {
        await retry(fail, options)
      } catch {}
    }
  },
}
