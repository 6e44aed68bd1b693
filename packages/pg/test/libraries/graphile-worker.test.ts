import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import type { PgRoundRobin } from '../../src/index.ts'
import { describeJobs, type Jobs, type Task } from './jobs.ts'

const quiet = new Logger(() => () => {})

async function open(rr: PgRoundRobin, task: Task): Promise<Jobs> {
  const pgPool = rr.pool()
  // It looks for both, and would install its own.
  for (const event of ['error', 'connect'] as const) pgPool.on(event, () => {})
  const taskList = { letter: (payload: unknown) => task((payload as { name: string }).name) }
  const runner = await run({ pgPool, taskList, concurrency: 5, noHandleSignals: true, logger: quiet })
  const utils = await makeWorkerUtils({ pgPool, logger: quiet })
  return {
    add: (name) => runner.addJob('letter', { name }),
    unlock: () => utils.withPgClient((client) => client.query(unlock)),
    end: async () => {
      await runner.stop()
      await utils.release()
      await pgPool.end()
    },
  }
}

// What a worker has locked is free again after four hours, or so.
const unlock = `
  select graphile_worker.force_unlock_workers(array_agg(distinct locked_by))
  from graphile_worker._private_jobs where locked_by is not null`

describeJobs('graphile-worker', open)
