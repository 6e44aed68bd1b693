// `npm test`: installs what is missing, then checks everything. Says one line a step; prints what a step wrote only where
// it failed. What has not changed since it last passed is not run again (turbo); `--force` runs it all.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { environment, install, root, withPnpm } from './install.mjs'

const args = process.argv.slice(2)
const isChecksOnly = args.includes('--checks')
const isLong = args.includes('--long')
const force = args.includes('--force') || isLong ? ['--force'] : []

// A failure stops nothing else: one run tells everything. Checks that only read run side by side; what starts servers and looks at the clock has the machine to itself.
const steps = [
  { name: 'format, lint, types, unused code', run: ['run', 'lint', 'types', 'unused', '--concurrency=2'] },
  { name: 'build, packages as they ship', run: ['run', 'build', 'packed', 'size', '--concurrency=2'] },
  { name: 'unit and real-server tests', run: ['run', 'test', '--concurrency=1', '--filter=./packages/*'] },
  {
    name: 'examples, samples in the docs, the demo',
    run: ['run', 'test', '--concurrency=1', '--filter=!./packages/*', '--filter=!./tools/node-*'],
  },
  { name: 'core on the other Node versions', run: ['run', 'test', '--concurrency=1', '--filter=./tools/node-*'] },
]
// Database servers write much that nobody needs afterwards: into memory, where there is plenty of it for that.
const { TMPDIR = memoryFolder() } = process.env
install()
for (const file of reports()) rmSync(file, { force: true })
let isGreen = true
for (const step of isChecksOnly ? steps.slice(0, 1) : steps) {
  const startedAt = performance.now()
  process.stdout.write(`${step.name} … `)
  const { code, output } = await turbo([
    ...step.run,
    '--output-logs=errors-only',
    '--continue=dependencies-successful',
    ...force,
  ])
  console.log(`${code === 0 ? 'ok' : 'FAILED'} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`)
  if (code === 0) continue
  isGreen = false
  console.log(output)
}
if (isLong) {
  console.log('mutation testing of the engine …')
  const { status } = spawnSync(process.execPath, ['scripts/mutation.mjs'], { cwd: root, stdio: 'inherit' })
  isGreen &&= status === 0
}
if (!isChecksOnly) {
  const { passed, failed } = count()
  isGreen &&= failed === 0
  console.log(`\n${passed} passed, ${failed} failed`)
}
process.exitCode = isGreen ? 0 : 1

function memoryFolder(folder = '/dev/shm') {
  if (!existsSync(folder)) return undefined
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize > 2 * 1024 ** 3 ? folder : undefined
}

function turbo(args) {
  const env = {
    ...environment,
    ...(TMPDIR && { TMPDIR }),
    ...(isLong && { TOURNIQUET_SHARE: '5', TOURNIQUET_RUNS: '50000', TOURNIQUET_SEED: 'random' }),
  }
  const child = spawn('npx', [...withPnpm, 'turbo', ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

/** Where each workspace package leaves what it has tested. */
function reports() {
  const folders = ['packages', 'tools', 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name)),
  )
  return [...folders, 'bench', 'demo'].map((folder) => join(root, folder, '.report.json'))
}

/** The tests of all reports; one that turbo found unchanged counts as it did when it ran. */
function count() {
  const results = reports()
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')))
  const sum = (key) => results.reduce((total, result) => total + result[key], 0)
  return { passed: sum('numPassedTests'), failed: sum('numFailedTests') }
}
