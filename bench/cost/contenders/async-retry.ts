import retry from 'async-retry'
import type { Contender } from '../contender.ts'
import { isNetworkError, service } from '../service.ts'

const options = { retries: 2 }

/** Its way to end the retries is to call `bail`, from inside. */
function bailing(operation: () => Promise<number>) {
  return async (bail: (error: Error) => void): Promise<number | undefined> => {
    try {
      return await operation()
    } catch (error) {
      if (isNetworkError(error)) throw error
      bail(error as Error)
      return undefined
    }
  }
}

const get = bailing(() => service.get())
const fail = bailing(() => service.fail())

export const asyncRetry: Contender = {
  name: 'async-retry',
  how: "`retry(get, { retries: 2 })`, where `get` calls `bail` on an error that is not the network's",
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
