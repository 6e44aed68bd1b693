import { defineConfig } from 'vitest/config'

// For `conformance-cheats.test.ts`, which runs these fixtures and looks at how they fail. They mostly wait.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.fixture.ts'],
    pool: 'forks',
    isolate: false,
    maxWorkers: 4,
  },
})
