import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'tsdown'

// Run inside a package folder (see `build` in each package.json). What a package
// exports from `src` in the workspace is exactly what is built into `dist`.
const { exports, tsdown } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  exports: Record<string, string>
  tsdown?: { platform: 'neutral' }
}

export default defineConfig({
  cwd: process.cwd(),
  entry: Object.values(exports).filter((file) => file.endsWith('.ts')),
  format: 'esm',
  // Only what says so itself also runs where there is no Node.
  platform: tsdown?.platform ?? 'node',
  deps: { neverBundle: /^node:/ },
  target: 'es2022',
  dts: true,
  // `await using` is in our types: they bring its declarations along, whatever `lib` their user has.
  banner: { dts: '/// <reference lib="esnext.disposable" />' },
  sourcemap: true,
  fixedExtension: false,
  tsconfig: fileURLToPath(new URL('tsconfig.build.json', import.meta.url)),
  logLevel: 'warn',
})
