// Checks the package in the current folder as it ships: packed, linted, its types resolved, unpacked into an empty
// project, and there each of its entries imported, required, and type checked, and each of its programs started.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve('../..')
const { name, publishConfig, bin: programs = {}, tsdown } = manifestOf('.')
const project = mkdtempSync(join(tmpdir(), 'packed-'))
const bin = (tool) => join(root, 'node_modules', '.bin', tool)
const run = (command, args, cwd = process.cwd()) => execFileSync(command, args, { cwd, encoding: 'utf8' })

try {
  const tarball = install(process.cwd())
  run(bin('publint'), ['run', tarball, '--strict'])
  run(bin('attw'), [tarball, '--profile', 'esm-only'])
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
  if (!existing('@types/node')) link(join(root, 'node_modules/@types/node'), '@types/node')
  for (const [entry, { types }] of Object.entries(publishConfig.exports))
    if (types) use(entry.replace('.', name), entry)
  for (const file of Object.values(programs))
    run(process.execPath, [join(project, 'node_modules', name, file), '--version'])
} catch (error) {
  console.error(`${name} as packed: ${error.stdout || ''}${error.stderr || ''}${error.stdout ? '' : error}`)
  process.exitCode = 1
} finally {
  rmSync(project, { recursive: true, force: true })
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

/** Packs the package of a folder and unpacks it into the project; what it needs is beside it. Returns the tarball. */
function install(folder) {
  const { name, dependencies = {}, peerDependencies = {} } = manifestOf(folder)
  const { filename } = JSON.parse(run('pnpm', ['pack', '--json', '--pack-destination', project], folder))
  const tarball = resolve(project, filename)
  const installed = join(project, 'node_modules', name)
  mkdirSync(installed, { recursive: true })
  run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
  for (const [dependency, range] of Object.entries({ ...peerDependencies, ...dependencies })) {
    const source = [join(folder, 'node_modules', dependency), join(root, 'node_modules', dependency)].find(manifest)
    if (existing(dependency)) continue
    if (range.startsWith('workspace:')) install(source)
    else if (source) link(source, dependency)
  }
  return tarball
}

function manifest(folder) {
  try {
    return manifestOf(folder)
  } catch {
    return undefined
  }
}

function existing(dependency) {
  return manifest(join(project, 'node_modules', dependency))
}

function link(source, dependency) {
  const target = join(project, 'node_modules', dependency)
  mkdirSync(resolve(target, '..'), { recursive: true })
  symlinkSync(source, target)
}

/** An entry as a user meets it: by `import`, by `require`, and by its types. */
function use(specifier, entry) {
  const load = `import * as imported from '${specifier}'
import { createRequire } from 'node:module'
const required = createRequire(import.meta.url)('${specifier}')
const names = Object.keys(imported)
if (names.length === 0 || names.some((key) => imported[key] !== required[key])) throw new Error('import and require differ')`
  writeFileSync(join(project, 'load.js'), load)
  run(process.execPath, ['--no-warnings', 'load.js'], project)
  const names = `import * as all from '${specifier}'\nexport const names: string[] = Object.keys(all)\n`
  writeFileSync(join(project, 'use.ts'), names)
  // What runs in a browser too must not ask for Node's types.
  const isNeutral = tsdown?.platform === 'neutral' && entry === '.'
  const types = isNeutral ? ['--types', '', '--lib', 'es2022,dom'] : ['--types', 'node', '--lib', 'esnext']
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', ...types]
  run(bin('tsc'), [...options, 'use.ts'], project)
}
