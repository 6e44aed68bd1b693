import { readdirSync } from 'node:fs'

/** What the files of a folder export by default, in the order of their names. */
export async function modulesIn<Exported>(folder: URL): Promise<Exported[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'))
  const modules = files.sort().map((file) => import(new URL(file, folder).href) as Promise<{ default: Exported }>)
  return (await Promise.all(modules)).map((module) => module.default)
}
