// Checks the package in the current folder as it ships: packed, linted, its types resolved, unpacked into an empty
// project, imported, required, and type checked there.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve('../..')
const { name, dependencies = {}, tsdown } = JSON.parse(readFileSync('package.json', 'utf8'))
const project = mkdtempSync(join(tmpdir(), 'packed-'))
const bin = (tool) => join(root, 'node_modules', '.bin', tool)
const run = (command, args, cwd = process.cwd()) => execFileSync(command, args, { cwd, encoding: 'utf8' })

try {
  const packed = JSON.parse(run('pnpm', ['pack', '--json', '--pack-destination', project]))
  const tarball = resolve(project, packed.filename)
  run(bin('publint'), ['run', tarball, '--strict'])
  run(bin('attw'), [tarball, '--profile', 'esm-only'])

  const installed = join(project, 'node_modules', name)
  mkdirSync(installed, { recursive: true })
  run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
  for (const dependency of Object.keys(dependencies)) {
    const link = join(project, 'node_modules', dependency)
    mkdirSync(resolve(link, '..'), { recursive: true })
    symlinkSync(resolve('node_modules', dependency), link)
  }
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
  const load = `import * as imported from '${name}'
import { createRequire } from 'node:module'
const required = createRequire(import.meta.url)('${name}')
const names = Object.keys(imported)
if (names.length === 0 || names.some((key) => imported[key] !== required[key])) throw new Error('import and require differ')`
  writeFileSync(join(project, 'load.js'), load)
  run(process.execPath, ['--no-warnings', 'load.js'], project)
  writeFileSync(
    join(project, 'use.ts'),
    `import * as all from '${name}'\nexport const names: string[] = Object.keys(all)\n`,
  )
  // What runs in a browser too must not ask for Node's types.
  const types =
    tsdown?.platform === 'neutral' ? ['--types', '', '--lib', 'es2022,dom'] : ['--types', 'node', '--lib', 'esnext']
  symlinkSync(join(root, 'node_modules', '@types'), join(project, 'node_modules', '@types'))
  run(bin('tsc'), ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', ...types, 'use.ts'], project)
} catch (error) {
  console.error(`${name} as packed: ${error.stdout || ''}${error.stderr || ''}${error.stdout ? '' : error}`)
  process.exitCode = 1
} finally {
  rmSync(project, { recursive: true, force: true })
}
