import type { PostgresPrograms } from './postgres-programs.ts'

// What ASCII has for it, and hardly any text holds.
const FIELD_END = '\x1f'
const ROW_END = '\x1e'

const FORMAT = ['--no-psqlrc', '--quiet', '--no-align', '--tuples-only', '-F', FIELD_END, '-R', ROW_END]
// With more than one statement, the rows are those of the last: older versions know no other way.
const BEHAVIOUR = ['-v', 'SHOW_ALL_RESULTS=off', '-v', 'VERBOSITY=verbose']

/** Runs SQL on the server at `port`, and resolves to the rows it gave. */
export async function psql(programs: PostgresPrograms, port: number, sql: string): Promise<string[][]> {
  const server = `host=127.0.0.1 port=${port} user=postgres dbname=postgres`
  const output = await programs.runClient('psql', ...FORMAT, ...BEHAVIOUR, '-d', server, '-c', sql)
  return output === '' ? [] : rowsOf(output.replace(/\n$/, ''))
}

function rowsOf(text: string): string[][] {
  return text.split(ROW_END).map((row) => row.split(FIELD_END))
}
