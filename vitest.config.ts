import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const here = import.meta.dirname

// Real servers, and a start of a process, may take a while on a busy machine; the tests themselves bound what they promise.
const patient = { testTimeout: 60_000, hookTimeout: 60_000 }

/**
 * Two projects a package: `<name>` holds the unit tests beside their source (fake timers, no sockets), `<name>-real`
 * those in `test/`, which start real servers.
 */
const packages = readdirSync(join(here, 'packages')).flatMap((name) => [
  { name, root: join(here, 'packages', name), include: ['src/**/*.test.ts'], ...patient },
  { name: `${name}-real`, root: join(here, 'packages', name), include: ['test/**/*.test.ts'], ...patient },
])
// Once more with the oldest version of its driver that a package supports, which is installed under a name of its own.
// What takes long and hardly asks the driver is left to `npm run test:long`.
const isLong = process.env.TOURNIQUET_SHARE !== undefined
const longOfPg = ['test/ending.test.ts', 'test/listen.test.ts', 'test/pool/process.test.ts']
const lowest = [
  { name: 'grpc', alias: { '@grpc/grpc-js': 'grpc-js-lowest' } },
  { name: 'redis', alias: { ioredis: 'ioredis-lowest' } },
  // Itself alone, and not its files, nor pg-pool.
  { name: 'bullmq', alias: { bullmq: 'bullmq-lowest' } },
  { name: 'pg', alias: [{ find: /^pg$/, replacement: 'pg-lowest' }], exclude: isLong ? [] : longOfPg },
].map(({ name, alias, exclude = [] }) => ({
  name: `${name}-lowest`,
  root: join(here, 'packages', name),
  include: ['test/**/*.test.ts'],
  // Long, and about us or about others; and what brings a copy of the newest driver along.
  exclude: [
    ...exclude,
    'test/ledger.test.ts',
    'test/side-by-side.test.ts',
    'test/**/nice-grpc.test.ts',
    'test/libraries/**',
  ],
  alias,
  ...patient,
}))
const bench = { name: 'bench', root: join(here, 'bench'), include: ['test/**/*.test.ts'], ...patient }
const demo = { name: 'demo', root: join(here, 'demo'), include: ['test/**/*.test.ts'], ...patient }

export default defineConfig({
  test: {
    projects: [...packages, ...lowest, bench, demo].map((test) => ({ extends: true, test })),
    pool: 'forks',
    passWithNoTests: true,
  },
})
