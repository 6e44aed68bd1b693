import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Problems } from './problems.ts'

/** The files behind what `-f` was given: a folder stands for what in it ends in `.cfg`. */
export function listFiles(paths: readonly string[], problems: Problems): string[] {
  return paths.flatMap((path) => {
    const files = orProblem(path, problems, () => filesOf(path))
    if (files?.length === 0) problems.error({ file: path, line: 0 }, '', 'no file in it ends in .cfg')
    return files ?? []
  })
}

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  const names = readdirSync(path).filter((name) => name.endsWith('.cfg') && !name.startsWith('.'))
  return names.sort().map((name) => join(path, name))
}

export function readFile(path: string, problems: Problems): string | undefined {
  return orProblem(path, problems, () => readFileSync(path, 'utf8'))
}

function orProblem<T>(path: string, problems: Problems, read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    problems.error(
      { file: path, line: 0 },
      '',
      `it cannot be read (${code}): expected a file, or a folder of *.cfg files`,
    )
    return undefined
  }
}
