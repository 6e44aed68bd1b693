import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ChildServer, freePort, startServer } from '@tourniquet/testkit'
import { findProgram } from '../../../testkit/src/install/find-program.ts'
import { needProgram } from '../../../testkit/src/install/need-program.ts'
import { runProgram } from '../../../testkit/src/install/run-program.ts'

/** A MariaDB of its own. `root` has no password. */
export interface MariaDb extends AsyncDisposable {
  readonly port: number
  /** One of its counters: `Aborted_connects`. */
  counter(name: string): Promise<number>
}

export async function startMariaDb(): Promise<MariaDb> {
  const find = (): string | undefined => findProgram('mariadbd') ?? findProgram('mariadbd', ['/usr/sbin'])
  const program = await needProgram({ program: 'mariadbd', find, debian: { name: 'mariadb-server' }, brew: 'mariadb' })
  const folder = mkdtempSync(join(tmpdir(), 'alacrity-mariadb-'))
  const user = await serverUser(folder)
  const settings = ['--no-defaults', `--datadir=${join(folder, 'data')}`, ...user]
  await runProgram('mariadb-install-db', [...settings, '--auth-root-authentication-method=normal', '--skip-test-db'])
  const port = await freePort()
  const place = [
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--socket=${join(folder, 's')}`,
    `--pid-file=${join(folder, 'pid')}`,
  ]
  const small = ['--innodb-buffer-pool-size=8M', '--skip-log-bin', '--max-connect-errors=10']
  const args = [...settings, ...place, ...small]
  const server = await startServer({
    command: program,
    args,
    port,
    name: 'mariadb',
    stopGraceMs: 10_000,
  })
  return new Running(server, folder)
}

class Running implements MariaDb {
  readonly #server: ChildServer
  readonly #folder: string

  constructor(server: ChildServer, folder: string) {
    this.#server = server
    this.#folder = folder
  }

  get port(): number {
    return this.#server.port
  }

  async counter(name: string): Promise<number> {
    const question = `show global status like '${name}'`
    const where = ['--no-defaults', '--user=root', `--socket=${join(this.#folder, 's')}`]
    const answer = await runProgram('mariadb', [...where, '-N', '-e', question])
    return Number(answer.trim().split('\t')[1])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** MariaDB refuses to serve as root: then it runs as the user that its package made. */
async function serverUser(folder: string): Promise<string[]> {
  if (process.getuid?.() !== 0) return []
  const [uid, gid] = await Promise.all(['-u', '-g'].map((which) => runProgram('id', [which, 'mysql'])))
  chownSync(folder, Number(uid), Number(gid))
  return ['--user=mysql']
}
