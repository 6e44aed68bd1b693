import { appendFile, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommandLine } from '../install/tied.ts'
import { atExit } from '../process/at-exit.ts'
import type { Address } from '../process/server-options.ts'
import { TempFolder } from '../process/temp-folder.ts'
import type { PostgresSettings } from './postgres-options.ts'
import type { PostgresPrograms } from './postgres-programs.ts'
import { cleanUpAfterKill } from './shared-memory.ts'
import { giveTo, templateOf } from './template.ts'

const OUR_SETTINGS: PostgresSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  dynamic_shared_memory_type: 'mmap', // files of its own folder: what a SIGKILL leaves goes with that
  fsync: false, // what a killed process wrote, the system still has
  autovacuum: false,
  shared_buffers: '16MB',
  wal_level: 'replica',
  max_wal_size: '128MB',
  wal_keep_size: '128MB', // a standby that was cut off finds what it missed
  wal_retrieve_retry_interval: '100ms',
}

/** The files of one server, in a folder of their own that belongs to whom the server runs as. */
export class Cluster implements AsyncDisposable {
  readonly programs: PostgresPrograms
  readonly #settings: PostgresSettings
  readonly #folder = new TempFolder('tourniquet-postgres')
  readonly #forget: () => void

  constructor(programs: PostgresPrograms, settings: PostgresSettings) {
    this.programs = programs
    this.#settings = settings
    giveTo(programs, this.#folder.path)
    this.#forget = atExit(() => this.cleanUp())
  }

  get #data(): string {
    return join(this.#folder.path, 'data')
  }

  /** How to start a server for it. */
  async server(port: number): Promise<CommandLine> {
    return await this.programs.server('postgres', '-D', this.#data, '-p', String(port))
  }

  /** Makes it a fresh one. */
  async create(): Promise<void> {
    const archive = await templateOf(this.programs)
    await mkdir(this.#data)
    giveTo(this.programs, this.#data)
    await this.programs.run('tar', '-xf', archive, '-C', this.#data)
    await this.#configure({ ...OUR_SETTINGS, ...this.#settings })
  }

  /** Makes it a copy of a running server's, as a standby of that. If this fails, all is as before. */
  async follow(primary: Address, name: string): Promise<void> {
    const copy = `${this.#data}.copy`
    const source = `host=${primary.host} port=${primary.port} user=postgres application_name=${quoted(name)}`
    await rm(copy, { recursive: true, force: true }) // of a try that failed
    await this.programs.run('pg_basebackup', '-D', copy, '-d', source, '-R', '-c', 'fast', '--no-sync')
    this.cleanUp()
    await rm(this.#data, { recursive: true, force: true })
    await rename(copy, this.#data)
    await this.#configure(this.#settings)
  }

  /** After a kill: takes away what the server left. */
  cleanUp(): void {
    cleanUpAfterKill(this.#data)
  }

  /** Removes it; its server must be gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.cleanUp()
    this.#folder.remove()
    this.#forget()
  }

  async #configure(settings: PostgresSettings): Promise<void> {
    const lines = Object.entries(settings).map(
      ([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'\n`,
    )
    await appendFile(join(this.#data, 'postgresql.conf'), lines.join(''))
  }
}

/** As a value of a connection string. */
function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`
}
