import { demo } from './demo.ts'
import { scenarios } from './scenarios/index.ts'

const GRACE_MS = 3_000

process.exitCode = await demo(process.argv.slice(2), scenarios)

// Everything is closed by now, so the process ends by itself. If something was left open, it must not hang.
setTimeout(() => {
  console.error('G7 broken: something that was left open keeps the process alive')
  process.exit(1)
}, GRACE_MS).unref()
