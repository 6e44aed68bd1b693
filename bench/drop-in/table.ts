// Measures the third table and writes it into docs/; with --short it prints what it found, and writes nothing.
import { writeSection } from '../report/markdown.ts'
import { brief, measure, thorough } from './measure.ts'
import { report } from './report.ts'

if (process.argv.includes('--short')) console.log(JSON.stringify(await measure(brief)))
else writeSection('drop-in', report(await measure(thorough)))
