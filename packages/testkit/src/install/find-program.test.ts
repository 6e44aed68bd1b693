import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { findProgram } from './find-program.ts'
import { needProgram } from './need-program.ts'

const temp = mkdtempSync(join(tmpdir(), 'testkit-test-'))
const [empty, first, second] = ['empty', 'first', 'second'].map((name) => join(temp, name)) as [string, string, string]

for (const folder of [empty, first, second]) mkdirSync(folder)
for (const [folder, name, mode] of [
  [first, 'both', 0o755],
  [second, 'both', 0o755],
  [second, 'later', 0o755],
  [second, 'text', 0o644],
] as const) {
  writeFileSync(join(folder, name), '')
  chmodSync(join(folder, name), mode)
}
mkdirSync(join(second, 'folder'))

afterAll(() => rmSync(temp, { recursive: true }))
afterEach(() => vi.unstubAllEnvs())

test.each([
  ['both', join(first, 'both')],
  ['later', join(second, 'later')],
  ['text', undefined],
  ['folder', undefined],
  ['nothing', undefined],
])('in the PATH %s is %s', (name, path) => {
  vi.stubEnv('PATH', ['', empty, join(temp, 'missing'), first, second].join(delimiter))
  expect(findProgram(name)).toBe(path)
})

test('no PATH, no program; folders stand in for it', () => {
  vi.stubEnv('PATH', undefined)
  expect(findProgram('both')).toBeUndefined()
  expect(findProgram('both', [second])).toBe(join(second, 'both'))
})

test('what is missing and cannot be installed is an error that names the command', async () => {
  vi.stubEnv('PATH', '') // no apt-get either
  const needed = needProgram({ program: 'x-server', find: () => undefined, debian: { name: 'x' }, brew: 'x-brew' })
  const command = process.platform === 'darwin' ? 'brew install x-brew' : 'sudo apt-get install -y x '
  await expect(needed).rejects.toThrow(`x-server is not installed, or not in the PATH. Run ${command}`)
})
