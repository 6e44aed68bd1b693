import { execFile } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'

/** What psql, libpq's own client, says: what the statement gave, or in its own words why nobody could be asked. */
export interface PsqlAnswer {
  readonly value?: string
  readonly error?: string
}

const program = psqlPath()

/** Runs one statement on whichever server a URL of libpq leads to. */
export async function askPsql(url: string, sql: string): Promise<PsqlAnswer> {
  const names = Object.keys(process.env).filter((name) => name.startsWith('PG'))
  const env = { ...process.env, ...Object.fromEntries(names.map((name) => [name, undefined])), LC_ALL: 'C' }
  return await new Promise((resolve) => {
    execFile(program, [url, '--no-psqlrc', '-At', '-c', sql], { env, timeout: 20_000 }, (error, stdout, stderr) =>
      resolve(error ? { error: stderr || error.message } : { value: stdout.trim() }),
    )
  })
}

/** Debian's link in the PATH looks for a cluster first. */
function psqlPath(): string {
  const debian = '/usr/lib/postgresql'
  const versions = statSync(debian, { throwIfNoEntry: false }) ? readdirSync(debian).map(Number) : []
  return versions.length > 0 ? `${debian}/${Math.max(...versions)}/bin/psql` : 'psql'
}
