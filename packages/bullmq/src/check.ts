import { InvalidError } from '@tourniquet/core'
import type { FlowJob } from 'bullmq'

/** @throws InvalidError if BullMQ would not take it */
export function checkQueueName(queue: unknown): void {
  if (typeof queue !== 'string' || queue === '')
    throw new InvalidError(`the name of a queue must be a text that is not empty; got ${shown(queue)}`)
  if (queue.includes(':'))
    throw new InvalidError(
      `the name of a queue cannot contain a colon, which parts the words of its keys; got ${queue}`,
    )
}

/** @throws InvalidError if it is no job */
export function checkJob(name: unknown, opts: unknown): void {
  if (typeof name !== 'string') throw new InvalidError(`the name of a job must be a text; got ${shown(name)}`)
  if (opts === undefined || typeof opts === 'function') return
  if (typeof opts !== 'object' || opts === null)
    throw new InvalidError(`the options of a job must be an object, or a function of the attempt; got ${shown(opts)}`)
}

/** @throws if BullMQ has put a number in the place of an id: it has not added that job, and passes that over */
export function checkAdded<J extends { readonly id?: unknown }>(jobs: J[]): J[] {
  const at = jobs.findIndex(({ id }) => typeof id !== 'string')
  if (at < 0) return jobs
  throw new Error(`job ${at} was not added: BullMQ says ${String(jobs[at]?.id)}. Is its parent there?`)
}

/** @throws InvalidError if it is no list of jobs */
export function checkJobs(jobs: unknown): void {
  if (!Array.isArray(jobs)) throw new InvalidError(`jobs must be a list of { name, data, opts }; got ${shown(jobs)}`)
  for (const job of jobs) {
    if (typeof job !== 'object' || job === null)
      throw new InvalidError(`each of jobs must be { name, data, opts }; got ${shown(job)}`)
    checkJob(job.name, job.opts)
  }
}

/** @throws InvalidError if it is no tree of jobs */
export function checkedFlow(flow: FlowJob): FlowJob {
  if (typeof flow !== 'object' || flow === null)
    throw new InvalidError(`a flow must be { name, queueName, data, opts, children }; got ${shown(flow)}`)
  checkQueueName(flow.queueName)
  checkJob(flow.name, flow.opts)
  if (flow.children !== undefined && !Array.isArray(flow.children))
    throw new InvalidError(`the children of a flow must be a list of flows; got ${shown(flow.children)}`)
  flow.children?.forEach(checkedFlow)
  return flow
}

/** @throws InvalidError if it is no id of a job */
export function checkId(id: unknown): void {
  if (id === undefined || (typeof id === 'string' && id !== '')) return
  throw new InvalidError(`the jobId of a job must be a text that is not empty; got ${shown(id)}`)
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  return Array.isArray(value) ? 'a list' : value === null ? 'null' : typeof value
}
