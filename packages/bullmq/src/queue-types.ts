import type { Queue } from 'bullmq'

// biome-ignore lint/suspicious/noExplicitAny: as BullMQ has it: what a queue holds, its user knows
type AnyQueue = Queue<any, any, any>

/** What a type or interface of queues must be: `{ mail: Queue<Mail, void, 'welcome'> }`. */
export type QueuesByName<Q> = { [Name in keyof Q]: AnyQueue }

/** Queues of any name, which hold anything. */
export type QueueTypes = Record<string, AnyQueue>

/** The names of queues. */
export type QueueName<Q> = Extract<keyof Q, string>

/** The names of the jobs of a queue. */
export type JobName<Q extends QueuesByName<Q>, N extends QueueName<Q>> = Parameters<Q[N]['add']>[0]

/** The data of the jobs of a queue. */
export type JobData<Q extends QueuesByName<Q>, N extends QueueName<Q>> = Parameters<Q[N]['add']>[1]

/** A job of a queue. */
export type JobOf<Q extends QueuesByName<Q>, N extends QueueName<Q>> = Awaited<ReturnType<Q[N]['add']>>

/** What the work on a job of a queue returns. */
export type JobResult<Q extends QueuesByName<Q>, N extends QueueName<Q>> = JobOf<Q, N>['returnvalue']
