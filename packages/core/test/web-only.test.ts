import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import { build } from 'tsdown'
import { expect, test } from 'vitest'

test('the main entry loads and works where only the globals of the web exist', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'web-only-'))
  const root = fileURLToPath(new URL('..', import.meta.url))
  const entry = { core: join(root, 'src/index.ts') }
  await build({
    config: false,
    cwd: root,
    entry,
    outDir,
    format: 'iife',
    globalName: 'core',
    dts: false,
    platform: 'neutral',
    logLevel: 'silent',
  })
  const script = await readFile(join(outDir, 'core.iife.js'), 'utf8')
  await rm(outDir, { recursive: true })

  expect(script).not.toMatch(/\bimport\b|\brequire\(|['"]node:/)
  const result = runInNewContext(
    `${script}
    const rr = new core.RoundRobin(['tcp://a:1', new URL('tcp://b:2')], {
      connect: (source) => ({ source: String(source) }),
      probe: () => {},
    }, { heartbeatMs: 20, deadlineMs: 1000, attemptTimeoutMs: 500 });
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    rr.run(({ source }) => (source === 'tcp://a:1' ? Promise.reject(refused) : source))
      .then((source) => new Promise((resolve) => setTimeout(resolve, 50, source)))
      .then((source) => rr.close().then(() => source))`,
    { setTimeout, clearTimeout, AbortController, URL },
  )
  expect(await result).toBe('tcp://b:2')
})
