import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type ChildServer, freePort, startServer } from '@tourniquet/testkit'
import { findProgram } from '../../../testkit/src/install/find-program.ts'
import { needProgram } from '../../../testkit/src/install/need-program.ts'

/** A real HAProxy that checks what its configuration says. */
export interface CheckingHAProxy extends AsyncDisposable {
  /** What its CSV says of a server, by the names of its columns. */
  row(backend: string, server: string): Promise<Record<string, string>>
  rows(): Promise<Record<string, string>[]>
  command(line: string): Promise<string>
}

const header = `
defaults
  mode tcp
  log global
  option log-health-checks
  timeout client 5s
  timeout server 5s
`

/** Starts it with these sections; what it needs besides is there. It logs to a UDP port of 127.0.0.1, or nowhere. */
export async function startHAProxy(sections: string, logPort?: number): Promise<CheckingHAProxy> {
  const find = (): string | undefined => findProgram('haproxy')
  const program = await needProgram({ program: 'haproxy', find, debian: { name: 'haproxy' }, brew: 'haproxy' })
  const folder = mkdtempSync(join(tmpdir(), 'alacrity-checks-'))
  const file = join(folder, 'haproxy.cfg')
  const port = await freePort()
  const log = logPort === undefined ? '' : `  log 127.0.0.1:${logPort} format raw local0\n`
  const socket = `  stats socket ipv4@127.0.0.1:${port} level admin\n`
  writeFileSync(file, `global\n  maxconn 500\n${log}${socket}${header}\n${sections}\n`)
  const server = await startServer({ command: program, args: ['-db', '-f', file], name: 'haproxy', port })
  return new Running(server, folder)
}

class Running implements CheckingHAProxy {
  readonly #server: ChildServer
  readonly #folder: string

  constructor(server: ChildServer, folder: string) {
    this.#server = server
    this.#folder = folder
  }

  async command(line: string): Promise<string> {
    const socket = connect(this.#server.port, '127.0.0.1')
    socket.write(`${line}\n`)
    return await text(socket)
  }

  async rows(): Promise<Record<string, string>[]> {
    const lines = (await this.command('show stat')).trim().split('\n')
    const names = (lines.shift() as string).slice(2).split(',')
    return lines.map((line) => Object.fromEntries(cellsOf(line).map((cell, at) => [names[at], cell])))
  }

  async row(backend: string, server: string): Promise<Record<string, string>> {
    const found = (await this.rows()).find((row) => row.pxname === backend && row.svname === server)
    if (found === undefined) throw new Error(`HAProxy knows no ${backend}/${server}`)
    return found
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function cellsOf(line: string): string[] {
  return [...line.matchAll(/(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  )
}
