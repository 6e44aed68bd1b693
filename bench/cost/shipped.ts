import { fileURLToPath, pathToFileURL } from 'node:url'

/** What users get: the built main entry, not the sources that `@tourniquet/core` stands for inside this repository. */
export const mainEntry: string = fileURLToPath(new URL('../../packages/core/dist/index.js', import.meta.url))

export const { RoundRobin }: typeof import('@tourniquet/core') = await import(pathToFileURL(mainEntry).href)
