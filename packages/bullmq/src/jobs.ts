import { randomUUID } from 'node:crypto'
import type { RunContext } from '@tourniquet/core'
import type { FlowJob, JobsOptions } from 'bullmq'
import { checkedFlow, checkId } from './check.ts'
import type { BullMQSource } from './connector.ts'

/** What is given as it is, or made anew for each attempt. */
export type PerAttempt<T> = Given<T> | ((attempt: RunContext<BullMQSource>) => T | PromiseLike<T>)

/** So that the parameter of a function has a type where the data have none: `any` would swallow it. */
type Given<T> = 0 extends 1 & T ? string | number | bigint | boolean | object | null | undefined : T

/** One of the jobs of `sendJobs`. */
export interface JobToSend<Name extends string = string, Data = unknown> {
  readonly name: Name
  readonly data: PerAttempt<Data>
  readonly opts?: PerAttempt<JobsOptions | undefined> | undefined
}

/** A tree of jobs, or what makes one for each attempt. */
export type Flow = PerAttempt<FlowJob>

/** A job as BullMQ is given it. */
export interface MadeJob {
  readonly name: string
  readonly data: unknown
  readonly opts: JobsOptions
}

/** Makes the job that is sent, for an attempt. */
export type JobMaker = (attempt: RunContext<BullMQSource>) => MadeJob | Promise<MadeJob>

/** A job has the same id in all its attempts: where it has arrived, it is not added once more. */
export function jobMaker({ name, data, opts }: JobToSend): JobMaker {
  const id = randomUUID()
  if (typeof data !== 'function' && typeof opts !== 'function') {
    const job: MadeJob = { name, data, opts: withId(opts, id) }
    return () => job
  }
  return async (attempt) => ({
    name,
    data: await forAttempt(data, attempt),
    opts: withId(await forAttempt(opts, attempt), id),
  })
}

/** As `jobMaker`, for each job of the tree. */
export function flowMaker(flow: Flow): (attempt: RunContext<BullMQSource>) => Promise<FlowJob> {
  const ids: string[] = []
  return async (attempt) => {
    let at = 0
    const identified = (node: FlowJob): FlowJob => {
      if (at === ids.length) ids.push(randomUUID())
      const id = ids[at++] as string
      const made: FlowJob = { ...node, opts: withId(node.opts, id) }
      if (node.children) made.children = node.children.map(identified)
      return made
    }
    return identified(checkedFlow(await forAttempt(flow, attempt)))
  }
}

/** All names of queues in a tree. */
export function queuesIn({ queueName, children = [] }: FlowJob): string[] {
  return [...new Set([queueName, ...children.flatMap(queuesIn)])]
}

function withId(opts: JobsOptions | undefined, jobId: string): JobsOptions {
  if ((opts as { readonly repeat?: unknown } | undefined)?.repeat) return opts as JobsOptions // BullMQ makes the ids
  checkId(opts?.jobId)
  return { ...opts, jobId: opts?.jobId ?? jobId }
}

function forAttempt<T>(value: PerAttempt<T>, attempt: RunContext<BullMQSource>): T | PromiseLike<T> {
  return typeof value === 'function'
    ? (value as (attempt: RunContext<BullMQSource>) => T | PromiseLike<T>)(attempt)
    : (value as T)
}
