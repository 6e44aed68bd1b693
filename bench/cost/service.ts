/** The caller's own error, made once: what a stack trace costs is not what is compared here. */
export const notFound = new Error('not found')

/** What every contender calls: it takes no time, so that all there is to see is what stands around it. */
export const service = {
  get: async () => 7,
  fail: async () => {
    throw notFound
  },
}

export type Service = typeof service

/** The functions that are handed on, made once, as in code that cares. */
export const get = (from: Service): Promise<number> => from.get()
export const fail = (from: Service): Promise<never> => from.fail()

/** What a retry is for; anything else is the caller's own. */
export const isNetworkError = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ECONNRESET'
