// Measures the first table and writes it into docs/; with --short it prints what it found, and writes nothing. Needs
// --expose-gc and --min-semi-space-size=16: see ../command.ts.
import { writeSection } from '../report/markdown.ts'
import { writePlot } from '../report/write-plot.ts'
import { brief, thorough } from './compare.ts'
import { measure } from './measure.ts'
import { plotOf } from './plot.ts'
import { report } from './report.ts'

const isShort = process.argv.includes('--short')
const table = await measure(isShort ? brief : thorough)
if (isShort) console.log(JSON.stringify(table))
else {
  writeSection('cost', report(table))
  writePlot('benchmarks.svg', plotOf(table))
}
