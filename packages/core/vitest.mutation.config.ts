import { defineConfig } from 'vitest/config'

// What the mutants of `stryker.config.json` are put to: the unit tests, and few enough random scenarios for each to be quick.
export default defineConfig({
  test: { include: ['src/**/*.test.ts'], env: { TOURNIQUET_RUNS: '150' }, pool: 'forks' },
})
