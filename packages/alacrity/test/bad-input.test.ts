import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { freePort } from '@tourniquet/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { startAlacrity } from './parts/alacrity.ts'
import { otherNode } from './parts/nodes.ts'
import { says, startOrigin } from './parts/origin.ts'

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'alacrity-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the command line to its end. */
async function run(args: readonly string[], { before = [] as readonly string[], env = {} } = {}) {
  const [command = '', ...rest] = [...before, process.execPath, '--import', 'tsx', cli, ...args]
  const child = spawn(command, rest, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exit])
  return { out, err, code }
}

function fileOf(config: string): string {
  const file = join(folder, 'haproxy.cfg')
  writeFileSync(file, config)
  return file
}

const listen = (bind: string, server = '127.0.0.1:9', more = '') => `defaults
  mode tcp
  timeout connect 1s
  timeout client 1s
  timeout server 1s
listen l
  bind ${bind}
  server s ${server}
${more}`

describe('the command line', () => {
  test.each([
    [[], 'expected -f FILE, or an address to listen on and --server HOST:PORT'],
    [[':5432'], 'expected at least one --server HOST:PORT'],
    [['-f', 'a.cfg', '--server', 'b:1'], '-f cannot stand with --server'],
    [['--sever', 'b:1'], "Unknown option '--sever'"],
    [[':5432', ':5433', '--server', 'b:1'], 'expected one address to listen on, found :5433 too'],
    [[':5432', '--server', 'b:1', '--api', 'x'], '--api: x: expected host:port'],
    [['haproxy.cfg'], 'did you mean -f haproxy.cfg?'],
    [['-D', '-f', 'a.cfg'], '-D: it runs in the foreground'],
    [['-f', 'a.cfg', '-sf', '123'], '-sf: there is no such option here; a reload is SIGHUP'],
    [['-f', 'a.cfg', '--api-token-file', 'x'], '--api-token-file stands with --api HOST:PORT only'],
    [[':5432', '--server', 'b:1', '--balance', 'round robin'], '--balance: "round robin" is not one word'],
  ])('%j: exit code 2, and what was expected', async (args, message) => {
    const { err, code } = await run(args)
    expect(err).toContain(message)
    expect(code).toBe(2)
  })

  test('-c says that a file is valid, and changes nothing', async () => {
    expect(await run(['-c', '-f', fileOf(listen('127.0.0.1:5432'))])).toMatchObject({
      out: 'Configuration file is valid\n',
      code: 0,
    })
  })

  test('-c names every line that is not', async () => {
    const { err, code } = await run([
      '-c',
      '-f',
      fileOf(listen('127.0.0.1:5432', '127.0.0.1:9 chekc', '  balance rundrobin\n')),
    ])
    expect(err).toMatch(/haproxy\.cfg:8: server: .*chekc.*did you mean 'check'/)
    expect(err).toMatch(/haproxy\.cfg:9: balance: .*rundrobin.*did you mean 'roundrobin'/)
    expect(code).toBe(1)
  })

  test('--show refuses what could not be run', async () => {
    const { out, err, code } = await run([':5432', '--server', 'b:1', '--balance', 'leastcon', '--show'])
    expect(err).toContain("did you mean 'leastconn'")
    expect({ out, code }).toEqual({ out: '', code: 1 })
  })

  test('--show prints what a line is short for, and -c takes it', async () => {
    const { out } = await run([
      '127.0.0.1:5432',
      '--server',
      '127.0.0.1:1',
      '--server',
      '127.0.0.1:2 backup',
      '--balance',
      'leastconn',
      '--show',
    ])
    expect(out).toContain('  balance leastconn\n  server s1 127.0.0.1:1\n  server s2 127.0.0.1:2 backup\n')
    expect(await run(['-c', '-f', fileOf(out)])).toMatchObject({ err: '', code: 0 })
  })
})

describe('a start that cannot be', () => {
  test('a port in use', async () => {
    await using origin = await startOrigin(says('me'))
    const { err, code } = await run(['-f', fileOf(listen(`127.0.0.1:${origin.port}`))])
    expect(err).toContain(`:7: bind: cannot listen on 127.0.0.1:${origin.port}: another program listens there already`)
    expect(code).toBe(1)
  })

  const node = otherNode(24)
  test.runIf(node)('a port that another alacrity has, which would share it without a word', async () => {
    const port = await freePort()
    const shared = listen(`127.0.0.1:${port}`).replace('defaults', 'global\n  nbthread 2\ndefaults')
    await using _first = await startAlacrity({ port, config: shared, node: node as string })
    const child = spawn(node as string, [cli, '-f', fileOf(shared)], { stdio: ['ignore', 'ignore', 'pipe'] })
    const exit = new Promise((resolve) => child.once('exit', resolve))
    expect(await text(child.stderr)).toContain('it may be another alacrity')
    expect(await exit).toBe(1)
  })

  // Root too needs the capability, which is taken from it here.
  test.runIf(process.platform === 'linux' && process.getuid?.() === 0)('a privileged port', async () => {
    const before = ['setpriv', '--bounding-set', '-net_bind_service', '--inh-caps', '-net_bind_service']
    const { err, code } = await run(['-f', fileOf(listen('127.0.0.1:81'))], { before })
    expect(err).toContain(
      ':7: bind: cannot listen on 127.0.0.1:81: it is not allowed to; ports below 1024 want root or the capability CAP_NET_BIND_SERVICE',
    )
    expect(code).toBe(1)
  })

  test('an address that this machine has not', async () => {
    const { err } = await run(['-f', fileOf(listen('192.0.2.1:5432'))])
    expect(err).toContain('cannot listen on 192.0.2.1:5432: this machine has no such address')
  })

  test('a server whose name cannot be resolved', async () => {
    const { err, code } = await run(['-f', fileOf(listen(`127.0.0.1:${await freePort()}`, 'db.invalid:5432'))])
    expect(err).toContain(
      ':8: server: s: cannot resolve db.invalid; correct the name, or let it start without an address',
    )
    expect(code).toBe(1)
  })

  test('a port of the page that is in use', async () => {
    await using origin = await startOrigin(says('me'))
    const page = `listen page\n  mode http\n  bind 127.0.0.1:${origin.port}\n  stats enable\n`
    const { err, code } = await run(['-f', fileOf(listen(`127.0.0.1:${await freePort()}`, '127.0.0.1:9', page))])
    expect(err).toContain(`:11: bind: cannot listen on 127.0.0.1:${origin.port}: another program listens there already`)
    expect(code).toBe(1)
  })

  test('a management API beyond loopback without a token', async () => {
    const { err, code } = await run(
      ['-f', fileOf(listen(`127.0.0.1:${await freePort()}`)), '--api', `0.0.0.0:${await freePort()}`],
      {
        env: { ALACRITY_API_TOKEN: '' },
      },
    )
    expect(err).toBe(
      'alacrity: --api: 0.0.0.0 can be reached from elsewhere: expected a token, by --api-token-file FILE or ALACRITY_API_TOKEN\n',
    )
    expect(code).toBe(1)
  })

  test('a token file without a token', async () => {
    const file = join(folder, 'token')
    writeFileSync(file, '\n')
    const config = fileOf(listen(`127.0.0.1:${await freePort()}`))
    expect(await run(['-f', config, '--api', '127.0.0.1:0', '--api-token-file', file])).toMatchObject({
      err: `alacrity: --api-token-file: ${file} is empty: expected a token\n`,
      code: 1,
    })
  })

  test('a token file that is not there', async () => {
    const args = [
      '-f',
      fileOf(listen(`127.0.0.1:${await freePort()}`)),
      '--api',
      '127.0.0.1:0',
      '--api-token-file',
      'none',
    ]
    expect(await run(args)).toMatchObject({
      err: 'alacrity: --api-token-file: none cannot be read (ENOENT)\n',
      code: 1,
    })
  })

  test('a file that is not there', async () => {
    const { err, code } = await run(['-f', join(folder, 'none.cfg')])
    expect(err).toContain('none.cfg: it cannot be read (ENOENT)')
    expect(code).toBe(1)
  })
})
