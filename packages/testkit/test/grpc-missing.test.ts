import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const SCRIPT = `
  import { startGrpcServer, startLineServer } from './src/index.ts'
  const server = await startLineServer()
  await server[Symbol.asyncDispose]()
  await startGrpcServer().catch((error) => console.log(error.message))`

test('without @grpc/grpc-js all else is there, and the error names the command that installs it', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'testkit-test-'))
  onTestFinished(() => rm(cwd, { recursive: true }))
  for (const part of ['package.json', 'programs', 'src']) {
    await cp(fileURLToPath(new URL(`../${part}`, import.meta.url)), join(cwd, part), { recursive: true })
  }
  const tsx = createRequire(import.meta.url).resolve('tsx')
  const args = ['--import', tsx, '--input-type=module', '--eval', SCRIPT]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd })
  expect(stdout).toContain('it needs the package @grpc/grpc-js. Run npm install --save-dev @grpc/grpc-js\n')
})
