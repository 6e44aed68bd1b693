// Installs the dependencies with the pnpm that `package.json` names, if anything changed since the last time. Plain Node
// without a dependency: it is the first thing that runs on a new machine.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** The environment in which the project's own tools are found. */
export const environment = {
  ...process.env,
  PATH: [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  TURBO_TELEMETRY_DISABLED: '1',
}

const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** How to call one of the project's tools so that it finds the pnpm that `package.json` names, on any machine. */
export const withPnpm = ['--yes', packageManager, 'exec']

const stamp = join(root, 'node_modules', '.installed')
const oldest = [20, 19]

/** Makes sure that what is installed is what the lockfile says. Ends the process with a clear message if it cannot. */
export function install() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    stop(`Node ${oldest.join('.')} or newer is needed; this is ${process.versions.node}.`)
  }
  const wanted = fingerprint()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.error(`installing the dependencies with ${packageManager} …`)
  const args = ['--yes', packageManager, 'install', '--frozen-lockfile', '--reporter=append-only']
  const { status, stdout, stderr } = spawnSync('npx', args, { cwd: root, env: environment, encoding: 'utf8' })
  if (status !== 0) stop(`${stdout}\n${stderr}\nThe dependencies could not be installed: npx ${args.join(' ')}`)
  writeFileSync(stamp, wanted)
}

/** What the installation depends on: the lockfile, the workspace, and each package's own list. */
function fingerprint() {
  const folders = ['packages', 'examples', 'tools'].filter((folder) => existsSync(join(root, folder)))
  const packages = folders.flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
  const files = ['.', 'bench', 'demo', ...packages].map((folder) => join(folder, 'package.json'))
  const hash = createHash('sha256').update(process.version)
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...files]) {
    if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

function stop(message) {
  console.error(message)
  process.exit(1)
}
