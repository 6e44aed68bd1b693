// `npm run build` or `pnpm build`: builds every package into its `dist`.
import { spawnSync } from 'node:child_process'
import { environment, install, root, withPnpm } from './install.mjs'

install()
const args = ['run', 'build', '--filter=./packages/*', '--output-logs=errors-only']
process.exitCode =
  spawnSync('npx', [...withPnpm, 'turbo', ...args], { cwd: root, env: environment, stdio: 'inherit' }).status ?? 1
