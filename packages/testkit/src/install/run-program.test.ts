import { expect, test } from 'vitest'
import { runProgram } from './run-program.ts'

const node = (script: string, env?: Record<string, string | undefined>) =>
  runProgram(process.execPath, ['-e', script], { name: 'A', ...(env && { env }) })

test('resolves to what it wrote to stdout', async () => {
  expect(
    await node(`console.error('hm'); console.log(process.env.WORD, process.env.HOME)`, { WORD: 'é', HOME: undefined }),
  ).toBe('é undefined\n')
})

test('rejects with what it wrote to stderr', async () => {
  await expect(node(`console.error('no disk'); process.exit(4)`)).rejects.toThrow(/^A failed: no disk$/)
  await expect(node('process.exit(4)')).rejects.toThrow(/^A failed: Command failed: /)
  await expect(runProgram('/no/such/program', [])).rejects.toThrow('program failed: spawn /no/such/program ENOENT')
})
