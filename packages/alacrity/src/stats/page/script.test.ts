import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { pageHeaders, pageHtml } from './html.ts'
import { script } from './script.ts'

it('passes both linters as the script it is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'alacrity-page-'))
  try {
    writeFileSync(join(folder, 'page.js'), script)
    // Alone in its folder, by rules of its own: a browser's names, and nothing undeclared or unused.
    const rules = { 'no-undef': 'error', 'no-unused-vars': 'error' }
    const categories = { correctness: 'error', suspicious: 'error' }
    write(folder, '.oxlintrc.json', { env: { browser: true, es2022: true }, rules, categories })
    write(folder, 'biome.json', { linter: { rules: { preset: 'recommended' } } })
    expect(lint(folder, 'oxlint', 'page.js')).toEqual({ status: 0, said: expect.any(String) })
    expect(lint(folder, 'biome', 'lint', '--diagnostic-level=warn', '--error-on-warnings', 'page.js')).toEqual({
      status: 0,
      said: expect.any(String),
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

function write(folder: string, name: string, what: object): void {
  writeFileSync(join(folder, name), JSON.stringify(what))
}

function lint(folder: string, program: string, ...args: string[]): { status: number | null; said: string } {
  const command = join(import.meta.dirname, '../../../../../node_modules/.bin', program)
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' })
  return { status, said: stdout + stderr }
}

it('never makes markup of a text, and never ends early', () => {
  expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function/)
  expect(script).not.toMatch(/<\/script|<!--/i)
})

it('is in the page whole, and no other may run', () => {
  expect(pageHtml.match(/<script/g)).toHaveLength(1)
  expect(pageHtml).toContain(`<script type="module">${script}</script>`)
  expect(pageHeaders['content-security-policy']).toMatch(
    /script-src 'sha256-[\w+/]{43}='; style-src 'sha256-[\w+/]{43}='/,
  )
})
