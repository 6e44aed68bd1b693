import { readdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findProgram } from '../install/find-program.ts'
import { needProgram } from '../install/need-program.ts'
import { runProgram } from '../install/run-program.ts'
import { type CommandLine, type SystemUser, tied } from '../install/tied.ts'

const DEBIAN_FOLDER = '/usr/lib/postgresql'

// A package that is installed for us needs no cluster of its own.
const NO_CLUSTER = {
  path: '/etc/postgresql-common/createcluster.d/tourniquet-testkit.conf',
  text: 'create_main_cluster = false',
}

/** PostgreSQL's programs: all from one folder, so that they are of one version. */
export class PostgresPrograms {
  readonly #folder: string
  /** Whom they run as; undefined: as this process does. */
  readonly user: SystemUser | undefined

  constructor(folder: string, user: SystemUser | undefined) {
    this.#folder = folder
    this.user = user
  }

  /** Runs one to its end as the client of a server, and resolves to what it wrote to stdout. */
  async runClient(name: string, ...args: string[]): Promise<string> {
    return await runProgram(join(this.#folder, name), args, { env: postgresEnv() })
  }

  /** Runs one to its end on files that are the server's own. The first word may be a program of any other folder. */
  async run(name: string, ...args: string[]): Promise<string> {
    const program = await this.server(name, ...args)
    return await runProgram(program.command, program.args, { env: postgresEnv(), cwd: '/', name })
  }

  /** How to start one that works on such files. */
  async server(name: string, ...args: string[]): Promise<CommandLine> {
    return await tied({ command: findProgram(name, [this.#folder]) ?? name, args }, this.user)
  }
}

/** The programs, installed where they are missing. */
export async function postgresPrograms(): Promise<PostgresPrograms> {
  const postgres = await needProgram({
    program: 'postgres',
    find: findPostgres,
    debian: { name: 'postgresql', meanwhile: NO_CLUSTER },
    brew: 'postgresql@17',
  })
  return new PostgresPrograms(dirname(postgres), await serverUser())
}

/** A clean environment: what this process tells its own clients is not meant for these. */
export function postgresEnv(): Record<string, string | undefined> {
  const names = Object.keys(process.env).filter((name) => name.startsWith('PG'))
  return { ...Object.fromEntries(names.map((name) => [name, undefined])), LC_ALL: 'C' }
}

/** In the PATH, or in Debian's folder of the newest version. Links are followed: its sisters are where the file is. */
function findPostgres(): string | undefined {
  const path = findProgram('postgres') ?? findProgram('postgres', debianFolders())
  return path && realpathSync(path)
}

function debianFolders(): string[] {
  try {
    const versions = readdirSync(DEBIAN_FOLDER).sort((a, b) => Number(b) - Number(a))
    return versions.map((version) => join(DEBIAN_FOLDER, version, 'bin'))
  } catch {
    return []
  }
}

/** PostgreSQL refuses to serve as root: then it runs as the user that its package made. */
async function serverUser(): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined
  try {
    return { uid: await idOf('-u'), gid: await idOf('-g') }
  } catch (cause) {
    const message = 'PostgreSQL does not serve as root, and there is no user postgres. Run useradd --system postgres'
    throw new Error(message, { cause })
  }
}

async function idOf(which: '-u' | '-g'): Promise<number> {
  return Number(await runProgram('id', [which, 'postgres']))
}
