import { chownSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { type PostgresServer, waitFor } from '@tourniquet/testkit'

export interface Security {
  /** Paths of PEM files: the server's own, and of the authority whose clients it knows. */
  readonly cert: string
  readonly key: string
  readonly ca: string
  /** Lines in front of `pg_hba.conf`. The first that fits a connection counts. */
  readonly rules?: readonly string[]
}

/** Lets a server speak TLS from now on. */
export async function secure(server: PostgresServer, { cert, key, ca, rules = [] }: Security): Promise<void> {
  const shown = async (name: string) => (await server.query(`show ${name}`))[0]?.[0] as string
  const [data, hba] = [await shown('data_directory'), await shown('hba_file')]
  const { uid, gid } = statSync(data)
  for (const [name, path] of Object.entries({ 'server.crt': cert, 'server.key': key, 'root.crt': ca })) {
    writeFileSync(`${data}/${name}`, readFileSync(path), { mode: 0o600 })
    chownSync(`${data}/${name}`, uid, gid)
  }
  writeFileSync(hba, [...rules, readFileSync(hba, 'utf8')].join('\n'))
  await server.query("alter system set ssl_ca_file = 'root.crt'")
  await server.query('alter system set ssl = on')
  await server.query('select pg_reload_conf()')
  await waitFor(async () => (await shown('ssl')) === 'on', { what: 'the server to speak TLS', timeoutMs: 30_000 })
}
