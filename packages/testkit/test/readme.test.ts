import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const folder = fileURLToPath(new URL('..', import.meta.url))

test('the sample in the README runs and prints what it says', async () => {
  const readme = await readFile(`${folder}/README.md`, 'utf8')
  const sample = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? ''
  const promised = [...sample.matchAll(/\/\/ prints (.*)/g)].map(([, line]) => line)
  const args = ['--import', 'tsx', '--input-type=module', '--eval', sample]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder })
  expect(promised.length).toBe(2)
  expect(stdout.trimEnd().split('\n')).toEqual(promised)
})
