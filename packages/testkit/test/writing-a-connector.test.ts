import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

// Follows docs/writing-a-connector.md as a newcomer does: every file with a name, every command in its order. Only what
// `npm install` would fetch is linked from this repository.

const root = resolve(import.meta.dirname, '../../..')
const page = readFileSync(join(root, 'docs/writing-a-connector.md'), 'utf8')

/** An empty project. Gone after the test. */
function emptyProject(): string {
  const folder = mkdtempSync(join(tmpdir(), 'connector-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  return folder
}

function install(folder: string, names: readonly string[]): void {
  for (const name of names) {
    const target = join(folder, 'node_modules', name)
    mkdirSync(resolve(target, '..'), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), target)
  }
}

test('docs/writing-a-connector.md, to the letter', () => {
  const folder = emptyProject()
  const run = (command: string) => {
    const [tool = '', ...args] = command.replace(/^npx /, '').split(' ')
    const bin = join(root, 'node_modules/.bin', tool)
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, TOURNIQUET_PORT_SHARE: '3' }
    const { status, stdout, stderr } = spawnSync(bin, args, { cwd: folder, encoding: 'utf8', env })
    return { status, output: `${command}\n${stdout}${stderr}` }
  }
  const succeed = (command: string) => {
    const { status, output } = run(command)
    expect(status, output).toBe(0)
    return output
  }
  const outputs: string[] = []
  const files: string[] = []
  for (const [, language, name, text = ''] of page.matchAll(/^```(ts|sh)(?: (\S+))?\n(.*?)^```$/gms)) {
    if (language === 'ts') {
      files.push(name as string)
      writeFileSync(join(folder, name as string), text)
      continue
    }
    for (const command of text.trimEnd().split('\n')) {
      const [, packages] = /^npm install (?:--save-dev )?(.*)$/.exec(command) ?? []
      if (packages) install(folder, packages.split(' '))
      else outputs.push(succeed(command))
    }
  }
  expect(files).toEqual(['line-connector.ts', 'line-connector.test.ts', 'line-round-robin.ts'])
  expect(outputs.at(-1)).toMatch(/Tests {2}\d\d passed \| \d skipped/)
  const check = /^npx tsc .* /m.exec(page)?.[0] as string
  succeed(`${check}line-round-robin.ts`)
  // The words that the page quotes for a connector that closes nothing.
  const quoted = /^```\n(G7 .*)\n```$/m.exec(page)?.[1] as string
  const connector = readFileSync(join(folder, 'line-connector.ts'), 'utf8')
  writeFileSync(join(folder, 'line-connector.ts'), connector.replace('await client.close()', ''))
  const broken = run('npx vitest run -t G7.each')
  expect(broken.status).not.toBe(0)
  expect(broken.output).toContain(quoted)
}, 180_000)
