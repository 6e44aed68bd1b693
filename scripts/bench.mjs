// `npm run bench`: installs what is missing, builds what is measured, then measures; what it finds it writes into docs/.
// Arguments go to it: `npm run bench -- --table=cost`.
import { spawnSync } from 'node:child_process'
import { environment, install, root, withPnpm } from './install.mjs'

install()
run('npx', [
  ...withPnpm,
  'turbo',
  'run',
  'build',
  '--filter=@tourniquet/core',
  '--filter=@tourniquet/alacrity',
  '--output-logs=errors-only',
])
run(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...process.argv.slice(2)])

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, env: environment, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
