import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Manifest {
  readonly name: string
  readonly bin?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly publishConfig: object
}

const packages = fileURLToPath(new URL('../../packages/', import.meta.url))

/**
 * Puts one of our packages into an empty project as it is published: what is built, with the manifest that goes with it,
 * and what it depends on. Returns the file of its program.
 */
export function install(name: string, project: string): string {
  const folder = join(packages, name)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const target = join(project, 'node_modules', manifest.name)
  mkdirSync(target, { recursive: true })
  cpSync(join(folder, 'dist'), join(target, 'dist'), { recursive: true })
  writeFileSync(join(target, 'package.json'), JSON.stringify({ ...manifest, ...manifest.publishConfig }))
  for (const [dependency, range] of Object.entries(manifest.dependencies ?? {})) {
    if (!range.startsWith('workspace:')) throw new Error(`${dependency} is not ours: the bench cannot install it`)
    install(dependency.replace('@tourniquet/', ''), project)
  }
  return join(target, manifest.bin?.[name] ?? '')
}
