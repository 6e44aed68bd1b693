import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type PostgresServer, waitFor } from '../src/index.ts'
import { postgresPrograms } from '../src/postgres/postgres-programs.ts'

/** One connection that stays, through a `psql` of its own. */
export class PostgresSession implements AsyncDisposable {
  readonly #psql: ChildProcess
  #output = ''

  static async to(server: PostgresServer): Promise<PostgresSession> {
    const { command, args } = await (await postgresPrograms()).server('psql', '-XAqt', '-d', server.url)
    return new PostgresSession(spawn(command, args, { stdio: 'pipe' }))
  }

  constructor(psql: ChildProcess) {
    this.#psql = psql
    for (const pipe of [psql.stdout, psql.stderr]) pipe?.setEncoding('utf8').on('data', this.#read)
  }

  /** Resolves to what the server says to it: rows or an error. */
  async says(sql: string): Promise<string> {
    this.#output = ''
    this.#psql.stdin?.write(`${sql};\n`)
    await waitFor(() => this.#output.endsWith('\n'), { what: `an answer to ${sql}` })
    return this.#output.trim()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#psql, 'exit')
    this.#psql.stdin?.end()
    await exited
  }

  readonly #read = (text: string): void => {
    this.#output += text
  }
}
