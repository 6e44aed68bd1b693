import { readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

/**
 * Two projects a package: `<name>` holds the unit tests beside their source (fake timers, no
 * sockets) and `<name>-real` those in `test/`, which start real servers.
 */
const packages = readdirSync('packages')

export default defineConfig({
  test: {
    projects: packages.flatMap((name) => [
      { extends: true, test: { name, root: `packages/${name}`, include: ['src/**/*.test.ts'] } },
      { extends: true, test: { name: `${name}-real`, root: `packages/${name}`, include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 } },
    ]),
    pool: 'forks',
    passWithNoTests: true,
  },
})
