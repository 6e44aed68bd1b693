import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type ChildServer,
  freePort,
  needHAProxy,
  type PostgresServer,
  type RedisServer,
  startPostgres,
  startRedis,
  startServer,
} from '@tourniquet/testkit'
import { originText, type Ports } from './configuration.ts'
import { cpus, pinnedTo } from './cpus.ts'
import { fillFor } from './pgbench.ts'

/** How long what is downloaded is, in bytes. */
const bodyLength = 1_000_000

/** What the load goes to, and a folder for everything. */
export interface Origins extends AsyncDisposable {
  readonly folder: string
  readonly ports: Ports
  readonly redis: RedisServer
  readonly postgres: PostgresServer
}

/** Starts them all; the web server on the CPU of the load. */
export async function startOrigins(): Promise<Origins> {
  const folder = mkdtempSync(join(tmpdir(), 'tourniquet-bench-'))
  const ports = { web: await freePort(), bulk: await freePort() }
  const [web, redis, postgres] = await Promise.all([startWeb(folder, ports), startRedis(), startPostgres()])
  await fillFor(postgres)
  return {
    folder,
    ports: { ...ports, redis: redis.port, postgres: postgres.port },
    redis,
    postgres,
    async [Symbol.asyncDispose]() {
      await Promise.all([web, redis, postgres].map((server) => server[Symbol.asyncDispose]()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function startWeb(folder: string, { web, bulk }: { web: number; bulk: number }): Promise<ChildServer> {
  const [body, file] = [join(folder, 'body'), join(folder, 'origin.cfg')]
  writeFileSync(body, 'x'.repeat(bodyLength))
  writeFileSync(file, originText(web, bulk, body))
  const [command, ...args] = pinnedTo(cpus.last, [await needHAProxy(), '-db', '-f', file])
  return await startServer({ name: 'origin', command, args, port: web })
}
