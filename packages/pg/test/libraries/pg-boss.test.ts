import PgBoss from 'pg-boss'
import type { PgRoundRobin } from '../../src/index.ts'
import { describeJobs, type Jobs, type Task } from './jobs.ts'

async function open(rr: PgRoundRobin, task: Task): Promise<Jobs> {
  const connection = { Client: rr.Client, max: 5 }
  const boss = new PgBoss({ ...connection, maintenanceIntervalSeconds: 1 })
  boss.on('error', () => {}) // a program logs it
  await boss.start()
  await boss.createQueue('letters')
  const options = { batchSize: 1000, pollingIntervalSeconds: 0.5 }
  await boss.work<{ name: string }>('letters', options, async (jobs) => {
    for (const { data } of jobs) await task(data.name)
  })
  return {
    // What is under way for longer is lost, and done again.
    add: (name) => boss.send('letters', { name }, { expireInSeconds: 5, retryLimit: 10 }),
    unlock: async () => {},
    end: () => boss.stop({ graceful: false, wait: true }),
  }
}

describeJobs('pg-boss', open)
