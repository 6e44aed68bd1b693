// What BullMQ alone does, with its defaults, beside this package: the table in docs/bullmq.md.
import { startProxy, startRedis, startRedisPair } from '@tourniquet/testkit'
import { Queue } from 'bullmq'
import { expect, it } from 'vitest'
import { idsOf } from './kind.ts'
import { ended } from './two-servers.ts'

// Thirty seconds in `npm run test:long`.
const patienceMs = process.env.TOURNIQUET_SHARE === undefined ? 3000 : 30_000

interface Plain extends AsyncDisposable {
  readonly queue: Queue
}

function plain({ host, port }: { host: string; port: number }): Plain {
  const queue = new Queue('mail', { connection: { host, port } })
  queue.on('error', () => {})
  return {
    queue,
    async [Symbol.asyncDispose]() {
      await Promise.race([queue.disconnect(), new Promise((resolve) => setTimeout(resolve, 1000))])
    },
  }
}

/** Whether it has settled by then. */
async function settles(sent: Promise<unknown>): Promise<boolean> {
  let isSettled = false
  const settle = () => {
    isSettled = true
  }
  sent.then(settle, settle)
  await new Promise((resolve) => setTimeout(resolve, patienceMs))
  return isSettled
}

it.concurrent('down before the first job: add does not settle', async () => {
  await using a = await startRedis({ name: 'A' })
  await a.kill()
  await using alone = plain(a)
  expect(await settles(alone.queue.add('welcome', {}))).toBe(false)
  await a.restart()
})

it.concurrent('killed: the next add does not settle', async () => {
  await using a = await startRedis({ name: 'A' })
  await using alone = plain(a)
  await alone.queue.add('welcome', {})
  await a.kill()
  expect(await settles(alone.queue.add('welcome', {}))).toBe(false)
  await a.restart()
})

it.concurrent('frozen: add does not settle', async () => {
  await using a = await startRedis({ name: 'A' })
  await using alone = plain(a)
  await alone.queue.add('welcome', {})
  await a.freeze()
  expect(await settles(alone.queue.add('welcome', {}))).toBe(false)
  await a.thaw()
})

it.concurrent('the answer is lost: two jobs', async () => {
  await using a = await startRedis({ name: 'A' })
  await using proxy = await startProxy(a)
  await using alone = plain(proxy)
  await alone.queue.add('welcome', { id: 'zero' })
  await proxy.dropReply('$1\r\n2\r\n')
  await alone.queue.add('welcome', { id: 'one' })
  expect((await idsOf(a, 'mail')).filter((id) => id === 'one')).toHaveLength(2)
})

it.concurrent('a replica: add rejects', async () => {
  await using pair = await startRedisPair()
  await using alone = plain(pair.replica)
  expect((await ended(alone.queue.add('welcome', {}))).error?.message).toMatch(/^READONLY/)
})
