import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { freePort } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'
import { runtimeOfFile } from '../parts/runtime.ts'
import { ask, talk } from './ask.ts'
import { sampleGlobal, sampleProxies } from './sample.ts'
import { MemoryWatched } from './watched.ts'

const runtime = runtimeOfFile()
const { folder, path, start } = runtime

describe('the socket itself', () => {
  it('has the mode of the file and is gone after close', async () => {
    await start()
    expect(statSync(path).mode & 0o777).toBe(0o600)
    await runtime.close()
    expect(existsSync(path)).toBe(false)
  })

  it('listens on TCP, too', async () => {
    const port = await freePort()
    await start('user', { host: '127.0.0.1', port })
    expect(await ask({ host: '127.0.0.1', port }, 'show version')).toBe('1.2.3\n\n')
  })

  it('replaces a file nobody answers on', async () => {
    const dead = createServer().listen(path)
    await new Promise((resolve) => dead.once('listening', resolve))
    // As a crash leaves it: the file stays when its socket goes.
    renameSync(path, `${path}.old`)
    await new Promise((resolve) => dead.close(resolve))
    renameSync(`${path}.old`, path)
    await start()
    expect(await ask(path, 'show version')).toBe('1.2.3\n\n')
  })

  it('leaves a live one alone, and a file that is no socket', async () => {
    await start()
    await expect(start()).rejects.toThrow(
      `sample.cfg:3: stats socket: somebody answers on ${path}: stop the other balancer`,
    )
    expect(await ask(path, 'show version')).toBe('1.2.3\n\n')
    const file = join(folder, 'plain')
    writeFileSync(file, 'mine')
    await expect(start('admin', { path: file })).rejects.toThrow('is there and is no socket')
    expect(statSync(file).size).toBe(4)
  })

  it('says why it cannot listen', async () => {
    const port = await freePort()
    await start('user', { host: '127.0.0.1', port })
    await expect(start('user', { host: '127.0.0.1', port })).rejects.toThrow(
      /sample\.cfg:3: stats socket: .*EADDRINUSE/,
    )
    await expect(start('user', { path: join(folder, 'no/such') })).rejects.toThrow(
      /sample\.cfg:3: stats socket: .*: its folder is not there/,
    )
  })

  it('closes a connection that is silent for the time-out, and one that says too much', async () => {
    runtime.watched = new MemoryWatched(sampleProxies, { ...sampleGlobal, statsTimeoutMs: 200 })
    await start()
    const started = performance.now()
    expect(await talk(path, 'show ver')).toBe('')
    expect(performance.now() - started).toBeGreaterThan(150)
    expect(performance.now() - started).toBeLessThan(8_000)
    expect(await talk(path, 'prompt\nset timeout cli 300ms\n')).toBe('\n> \n> ')
    expect(await talk(path, 'x'.repeat(20_000))).toBe('')
  })
})
