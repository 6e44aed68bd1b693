// `npm start`: installs what is missing, then shows the demo. Arguments go to it: `npm start -- --seconds 10`.
import { spawn } from 'node:child_process'
import { environment, install, root } from './install.mjs'

install()
const demo = spawn(process.execPath, ['--import', 'tsx', 'demo/src/main.ts', ...process.argv.slice(2)], {
  cwd: root,
  env: environment,
  stdio: 'inherit',
})
// The demo ends itself in order when it is interrupted; this process only waits for that.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => demo.kill(signal))
demo.on('exit', (code, signal) => {
  process.exitCode = signal ? 1 : (code ?? 1)
})
