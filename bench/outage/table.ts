// Measures the second table and writes it into docs/; with --short it prints what it found, and writes nothing.
import { writeSection } from '../report/markdown.ts'
import { writePlot } from '../report/write-plot.ts'
import { measure } from './measure.ts'
import { plotOf } from './plot.ts'
import { report } from './report.ts'

const TRIALS = 11

const isShort = process.argv.includes('--short')
const table = await measure(isShort ? 1 : TRIALS)
if (isShort) console.log(JSON.stringify(table))
else {
  writeSection('failover', report(table))
  writePlot('benchmarks-failover.svg', plotOf(table))
}
