import { readdirSync } from 'node:fs'
import type { Subject } from './subject.ts'

const folder = new URL('../failover/', import.meta.url)

/** All subjects there are: one a file. */
export async function subjects(): Promise<Subject<unknown>[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'))
  const modules = files
    .sort()
    .map((file) => import(new URL(file, folder).href) as Promise<{ default: Subject<unknown> }>)
  return (await Promise.all(modules)).map((module) => module.default)
}
