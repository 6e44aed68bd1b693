import type { WorkerListener } from 'bullmq'

/** Which provider an event is of. */
export interface From {
  readonly provider: string
}

type Listeners<Data, Result, Name extends string> = Omit<WorkerListener<Data, Result, Name>, `ioredis:${string}`>

/** BullMQ's events of a worker; what each is told ends with the provider that it is of. */
export type WorkerEvents<Data, Result, Name extends string> = {
  [Event in keyof Listeners<Data, Result, Name>]: Listeners<Data, Result, Name>[Event] extends (
    ...args: infer Args
  ) => unknown
    ? [...Args, from: From]
    : never
}
