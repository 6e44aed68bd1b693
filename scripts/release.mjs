// `npm run release`: builds every package and publishes those whose version is new. Through pnpm, which writes the
// `publishConfig` of a package into what it publishes.
import { spawnSync } from 'node:child_process'
import { environment, install, root, withPnpm } from './install.mjs'

install()
for (const command of [
  ['turbo', 'run', 'build', '--filter=./packages/*', '--output-logs=errors-only'],
  ['changeset', 'publish'],
]) {
  const { status } = spawnSync('npx', [...withPnpm, ...command], { cwd: root, env: environment, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
