import { readFileSync } from 'node:fs'
import type { Contender } from './contender.ts'
import { asyncRetry } from './contenders/async-retry.ts'
import { bareThen } from './contenders/bare-then.ts'
import { cockatiel } from './contenders/cockatiel.ts'
import { opossum } from './contenders/opossum.ts'
import { pRetry } from './contenders/p-retry.ts'
import { tourniquet } from './contenders/tourniquet.ts'
import { tourniquetWithOptions } from './contenders/tourniquet-with-options.ts'

/** Others that do (a part of) the same. */
export const peers: readonly Contender[] = [cockatiel, opossum, pRetry, asyncRetry]

/** All who are held against the direct call, in the order of the table's columns. */
export const contenders: readonly Contender[] = [tourniquet, tourniquetWithOptions, bareThen, ...peers]

/** The version that is installed. */
export function versionOf({ name }: Contender): string {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
