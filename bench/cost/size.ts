import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import sizeLimit from 'size-limit'
import { figureOf } from '../report/figure.ts'
import type { Measured } from './measured.ts'
import { mainEntry } from './shipped.ts'

/** As it was written: what one form needs to stand in for the other is not its own. */
const formatOf = (file: string) => (commonJs.has(file) ? 'cjs' : 'esm')

type Plugins = Parameters<typeof sizeLimit>[0]

const require = createRequire(import.meta.url)
const commonJs = new Set([require.resolve('opossum'), require.resolve('async-retry')])
const entries: Readonly<Record<string, string>> = {
  tourniquet: mainEntry,
  cockatiel: fileURLToPath(import.meta.resolve('cockatiel')),
  opossum: require.resolve('opossum'),
  'p-retry': fileURLToPath(import.meta.resolve('p-retry')),
  'async-retry': require.resolve('async-retry'),
}

/** Bundled with what it depends on, minified and gzipped, as `npm run size` does it. For Node, as not all run elsewhere. */
export async function sizes(): Promise<Measured> {
  // It comes without types, so its name is not told to the compiler.
  const name = '@size-limit/preset-small-lib'
  const { default: plugins } = (await import(name)) as { default: Plugins }
  const checks = Object.values(entries).map((file) => ({
    files: [file],
    gzip: true,
    modifyEsbuildConfig: (config: object) => ({ ...config, platform: 'node', format: formatOf(file) }),
  }))
  const results = (await sizeLimit(plugins, { checks })) as { size: number }[]
  const named = Object.keys(entries).map((name, at) => [name, figureOf([results[at]?.size ?? Number.NaN])] as const)
  return { figures: Object.fromEntries(named) }
}
