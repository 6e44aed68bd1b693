import { execFile } from 'node:child_process'
import { chownSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { InvalidError } from '@tourniquet/core'
import {
  type CertificateAuthority,
  type PostgresServer,
  startCertificateAuthority,
  startPostgres,
} from '@tourniquet/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseUrl } from '../src/url.ts'

// psql is libpq's own reader: what it makes of a URL is what ours must make of it.

const folder = tmpdir()
const role = 'u @:/?#%&=+ü'
const password = 'p @:/?#%&=+ü'
const database = 'd @:/?#%&=+ü'
const [ROLE, PASSWORD, DATABASE] = [role, password, database].map(encodeURIComponent)

const hasIPv6 = await canListen('::1')
const program = psqlPath()

let server: PostgresServer
let authority: CertificateAuthority
let strangers: CertificateAuthority

beforeAll(async () => {
  const settings = { listen_addresses: hasIPv6 ? '127.0.0.1,::1' : '127.0.0.1', unix_socket_directories: folder }
  ;[server, authority, strangers] = await Promise.all([
    startPostgres({ settings }),
    startCertificateAuthority(),
    startCertificateAuthority(),
  ])
  await server.query(`create role "${role}" login password '${password}'`)
  await server.query('create role certified login')
  await server.query(`create database "${database}"`)
  await secure(server, authority)
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  authority[Symbol.dispose]()
  strangers[Symbol.dispose]()
})

describe('psql and node-postgres come to the same session', () => {
  it.each([
    'postgres://postgres@127.0.0.1:PORT/postgres',
    'postgresql://postgres@localhost:PORT/postgres',
    'postgres://postgres@127.0.0.1:PORT',
    'postgres://postgres@/postgres?host=127.0.0.1&port=PORT',
    'postgres://127.0.0.1:PORT?user=postgres&dbname=postgres',
    'postgres://nobody@nowhere:1/none?user=postgres&dbname=postgres&host=127.0.0.1&port=PORT',
    'postgres://%70ostgres@127%2E0.0.1:PORT/postgre%73',
    // A user, a password and a database of all characters that have a meaning
    `postgres://${ROLE}:${PASSWORD}@127.0.0.1:PORT/${DATABASE}`,
    `postgres://127.0.0.1:PORT/?user=${ROLE}&password=${PASSWORD}&dbname=${DATABASE}`,
    `postgres://${ROLE}:${PASSWORD}@127.0.0.1:PORT/postgres?options=-c%20search_path%3D%22a%5C%20b%22`,
    // Hosts and ports
    'postgres://postgres@127.0.0.1,localhost/postgres?port=PORT',
    'postgres://postgres@127.0.0.1:PORT,127.0.0.1:1/postgres',
    'postgres://postgres@127.0.0.1,127.0.0.1/postgres?port=PORT,1',
    'postgres://postgres@nowhere.invalid:PORT/postgres?hostaddr=127.0.0.1',
    'postgres://postgres@SOCKET:PORT/postgres',
    'postgres://postgres@:PORT/postgres?host=SOCKET',
    'postgres://postgres@SOCKET:PORT/postgres?sslmode=require',
    ...(hasIPv6 ? ['postgres://postgres@[::1]:PORT/postgres', 'postgres://postgres@/postgres?host=::1&port=PORT'] : []),
    // Key words
    'postgres://postgres@127.0.0.1:PORT/postgres?application_name=a+b%20c%26d',
    'postgres://postgres@127.0.0.1:PORT/postgres?application_name=a&application_name=b&',
    'postgres://postgres@127.0.0.1:PORT/postgres?options=-c%20statement_timeout%3D5s',
    'postgres://postgres@127.0.0.1:PORT/postgres?options=-c%20statement_timeout%3D5s%20-c%20search_path%3Dx',
    'postgres://postgres@127.0.0.1:PORT/postgres?connect_timeout=5&keepalives=1&keepalives_idle=5',
    'postgres://postgres@127.0.0.1:PORT/postgres?target_session_attrs=read-write&gssencmode=disable',
    'postgres://postgres@127.0.0.1:PORT/postgres?channel_binding=prefer&ssl_min_protocol_version=TLSv1.2&sslmode=require',
  ])('%s', async (text) => {
    const theirs = await askPsql(urlOf(text))
    expect(theirs).toMatchObject({ row: expect.any(String) })
    expect(await askPg(urlOf(text))).toEqual(theirs)
  })
})

describe('psql and node-postgres agree on a certificate', () => {
  it.each<[string, 'accepted' | 'refused']>([
    ['localhost:PORT/postgres?sslmode=verify-full&sslrootcert=CA', 'accepted'],
    ['127.0.0.1:PORT/postgres?sslmode=verify-full&sslrootcert=CA', 'refused'],
    ['127.0.0.1:PORT/postgres?sslmode=verify-ca&sslrootcert=CA', 'accepted'],
    ['127.0.0.1:PORT/postgres?sslmode=require&sslrootcert=CA', 'accepted'],
    ['127.0.0.1:PORT/postgres?sslmode=require', 'accepted'],
    ['127.0.0.1:PORT/postgres?ssl=true&sslmode=require', 'accepted'],
    ['127.0.0.1:PORT/postgres?sslmode=prefer', 'accepted'],
    ['127.0.0.1:PORT/postgres?sslmode=allow', 'accepted'],
    ['127.0.0.1:PORT/postgres?sslmode=disable', 'accepted'],
    ['127.0.0.1:PORT/postgres?sslmode=disable&sslrootcert=/nowhere', 'accepted'],
    ['localhost:PORT/postgres?sslmode=verify-full&sslrootcert=STRANGERS', 'refused'],
    ['localhost:PORT/postgres?sslmode=verify-ca&sslrootcert=STRANGERS', 'refused'],
    ['localhost:PORT/postgres?sslmode=require&sslrootcert=STRANGERS', 'refused'],
    ['localhost:PORT/postgres?sslmode=verify-full', 'refused'],
    ['localhost:PORT/postgres?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=CA', 'accepted'],
    ['other.invalid:PORT/postgres?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=CA', 'refused'],
    ['other.invalid:PORT/postgres?hostaddr=127.0.0.1&sslmode=verify-ca&sslrootcert=CA', 'accepted'],
    ['127.0.0.9:PORT/postgres?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=CA', 'accepted'],
    ['127.0.0.1:PORT/postgres?sslmode=require&ssl_max_protocol_version=TLSv1.2', 'accepted'],
    ['127.0.0.1:PORT/postgres?sslmode=require&ssl_min_protocol_version=TLSv1.3', 'accepted'],
    ['127.0.0.1:PORT/postgres?sslmode=require&user=certified&sslcert=CERT&sslkey=KEY', 'accepted'],
    ['127.0.0.1:PORT/postgres?sslmode=require&user=certified', 'refused'],
  ])('%s: %s', async (text, expected) => {
    const url = urlOf(`postgres://postgres@${await withFiles(text)}`)
    const [theirs, ours] = await Promise.all([askPsql(url), askPg(url)])
    expect([theirs, ours].map(({ row }) => (row === undefined ? 'refused' : 'accepted'))).toEqual([expected, expected])
    expect(ours.row).toBe(theirs.row)
  })
})

describe('what psql refuses to read we refuse', () => {
  it.each([
    'postgres://a%zz',
    'postgres://a%',
    'postgres://u%00@a',
    'postgres://[::1',
    'postgres://[]',
    'postgres://[::1]x',
    'postgres://::1',
    'postgres://127.0.0.1:x',
    'postgres://127.0.0.1:0',
    'postgres://127.0.0.1:65536',
    'postgres://127.0.0.1:-1',
    'postgres://a,b,c?port=1,2',
    'postgres://a:1,b:2?host=a',
    'postgres://a?port=1,',
    'postgres://a,b?hostaddr=127.0.0.1',
    'postgres://a?hostaddr=b',
    'postgres://a?nonsense=1',
    'postgres://a?User=u',
    'postgres://a?=1',
    'postgres://a?user',
    'postgres://a?user=u&&dbname=d',
    'postgres://a?options=-c%20a=b',
    'postgres://a?user=%g0',
    'postgres://a?target_session_attrs=readwrite',
    'postgres://a?target_session_attrs=',
    'postgres://a?sslmode=on',
    'postgres://a?sslmode=',
    'postgres://a?ssl=yes',
    'postgres://a?channel_binding=on',
    'postgres://a?gssencmode=on',
    'postgres://a?ssl_min_protocol_version=1.3',
    'postgres://a?ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2',
    'postgres://127.0.0.1:1?connect_timeout=soon',
    'postgres://127.0.0.1:1?connect_timeout=',
    'postgres://127.0.0.1:1?keepalives=on',
    'postgres://127.0.0.1:1?keepalives_idle=on',
  ])('%s', async (url) => {
    const { error } = await askPsql(url)
    expect(error).toMatch(
      /invalid|forbidden|could not (match|parse)|looking for matching|may not be empty|unexpected|separator/,
    )
    expect(() => parseUrl(url)).toThrow(InvalidError)
  })
})

interface Answer {
  readonly row?: string | undefined
  readonly error?: string | undefined
}

// psql has a name of its own where the URL gives none.
const question = `select concat_ws('|', current_user, current_database(),
  coalesce(nullif(current_setting('application_name'), 'psql'), ''), current_setting('statement_timeout'),
  current_setting('search_path'), host(inet_server_addr()), inet_server_port(),
  (select concat(ssl, version, client_dn) from pg_stat_ssl where pid = pg_backend_pid()))`

async function askPg(url: string): Promise<Answer> {
  const client = new pg.Client(parseUrl(url).sources[0])
  try {
    await client.connect()
    const { rows } = await client.query<[string]>({ text: question, rowMode: 'array' })
    return { row: rows[0]?.[0] }
  } catch (error) {
    return { error: String(error) }
  } finally {
    await client.end().catch(() => {})
  }
}

async function askPsql(url: string): Promise<Answer> {
  const names = Object.keys(process.env).filter((name) => name.startsWith('PG'))
  const env = {
    ...process.env,
    ...Object.fromEntries(names.map((name) => [name, undefined])),
    // Where a URL does not say, node-postgres has no TLS, and libpq prefers it.
    PGSSLMODE: 'disable',
    HOME: folder,
    LC_ALL: 'C',
  }
  return await new Promise((resolve) => {
    execFile(program, [url, '--no-psqlrc', '-At', '-c', question], { env, timeout: 20_000 }, (error, stdout, stderr) =>
      resolve(error ? { error: stderr || error.message } : { row: stdout.replace(/\n$/, '') }),
    )
  })
}

function psqlPath(): string {
  const debian = '/usr/lib/postgresql'
  const versions = statSync(debian, { throwIfNoEntry: false }) ? readdirSync(debian).map(Number) : []
  return versions.length > 0 ? `${debian}/${Math.max(...versions)}/bin/psql` : 'psql'
}

function urlOf(text: string): string {
  return text.replaceAll('PORT', String(server.port)).replaceAll('SOCKET', encodeURIComponent(folder))
}

async function withFiles(text: string): Promise<string> {
  const { cert, key } = text.includes('CERT') ? await authority.issue({ name: 'certified' }) : { cert: '', key: '' }
  const files = { CA: authority.ca, STRANGERS: strangers.ca, CERT: cert, KEY: key }
  return Object.entries(files).reduce(
    (url, [name, path]) => url.replace(`=${name}`, `=${encodeURIComponent(path)}`),
    text,
  )
}

/** Lets the server speak TLS as localhost, one role come with a password, and one with a certificate. */
async function secure(postgres: PostgresServer, signer: CertificateAuthority): Promise<void> {
  const [[data = ''] = [], [rules = ''] = []] = [
    ...(await postgres.query('show data_directory')),
    ...(await postgres.query('show hba_file')),
  ]
  const { cert, key } = await signer.issue({ addresses: ['127.0.0.9'] })
  const { uid, gid } = statSync(data)
  for (const [name, path] of Object.entries({ 'server.crt': cert, 'server.key': key, 'root.crt': signer.ca })) {
    writeFileSync(`${data}/${name}`, readFileSync(path), { mode: 0o600 })
    chownSync(`${data}/${name}`, uid, gid)
  }
  const own = `host all "${role}" all scram-sha-256\nhostssl all certified all cert\n`
  writeFileSync(rules, own + readFileSync(rules, 'utf8'))
  await postgres.query("alter system set ssl_ca_file = 'root.crt'")
  await postgres.query('alter system set ssl = on')
  await postgres.stop()
  await postgres.restart()
}

async function canListen(host: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const listener = createServer().on('error', () => resolve(false))
    listener.listen(0, host, () => listener.close(() => resolve(true)))
  })
}
