// Measures the fourth table and writes it into docs/; with --short it prints what it found, and writes nothing. On Linux
// only. `--node=FILE` names a Node that the balancer is to run on beside this one.
import { parseArgs } from 'node:util'
import { writeSection } from '../report/markdown.ts'
import { canBalance } from './can-balance.ts'
import { brief, measure, thorough } from './measure.ts'
import { report } from './report.ts'

const options = { short: { type: 'boolean' }, node: { type: 'string', default: process.execPath } } as const
const { short, node } = parseArgs({ options }).values

if (!canBalance)
  throw new Error(
    'the balancer is measured on Linux, with two CPUs, and with taskset and wrk: install util-linux and wrk',
  )
if (short) console.log(JSON.stringify(await measure(brief, node)))
else writeSection('balancer', report(await measure(thorough, node)))
