import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { drawPlot } from './draw.ts'
import type { Plot } from './plot.ts'

/** Draws a plot into `docs/`. */
export function writePlot(name: string, plot: Plot): void {
  writeFileSync(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), drawPlot(plot))
}
