import type { Worker } from 'bullmq'

/** A process, or thread, in which a processor works. */
interface Child {
  kill(signal: 'SIGKILL'): Promise<void>
}

interface ChildPool {
  readonly retained: Record<string, Child>
  retain(file: string): Promise<Child>
}

const ignore = (): void => {}

/**
 * Makes what ends the processes in which the jobs of a worker are worked on, also those that are just beginning. BullMQ
 * keeps them to itself, and waits until their jobs are done. Alike in bullmq 5.81.5 and 6.7.0.
 */
export function endingChildren(worker: Worker): () => void {
  const { childPool: pool } = worker as unknown as { readonly childPool?: ChildPool }
  if (!pool) return ignore
  let isEnded = false
  const retain = pool.retain.bind(pool)
  pool.retain = async (file) => {
    const child = await retain(file)
    if (!isEnded) return child
    child.kill('SIGKILL').catch(ignore)
    throw new Error('the worker is closed')
  }
  return () => {
    isEnded = true
    for (const child of Object.values(pool.retained)) child.kill('SIGKILL').catch(ignore)
  }
}
