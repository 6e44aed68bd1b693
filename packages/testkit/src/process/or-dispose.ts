/** What `work` makes of a thing; if it fails, the thing is disposed of, and the failure is thrown. */
export async function orDispose<T>(thing: AsyncDisposable, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await thing[Symbol.asyncDispose]()
    throw error
  }
}
