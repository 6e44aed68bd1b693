import { fileURLToPath } from 'node:url'

/**
 * The path of a program that this package ships. It stands at the top of `src`, since it must be as far from `programs`
 * there as what is built from it is in `dist`.
 */
export function program(name: string): string {
  return fileURLToPath(new URL(`../programs/${name}`, import.meta.url))
}
