import { parseArgs } from 'node:util'
import { configurationFor } from '../shorthand.ts'

export const usage = `alacrity: a TCP load balancer that is easy to watch

  alacrity -f FILE [-f FILE …]     run what a haproxy.cfg says (a folder: its *.cfg)
  alacrity -c -f FILE              only check it
  alacrity LISTEN --server HOST:PORT [--server HOST:PORT …] [--balance NAME]
                                   without a file: alacrity :5432 --server db1:5432 --server db2:5432

  --balance NAME     roundrobin (default), leastconn, source, first, random, failover
  --no-check         do not check the servers
  --stats HOST:PORT  the page, /metrics and /health
  --show             print the haproxy.cfg that the line is short for, and end
  --api HOST:PORT    the management API, on 127.0.0.1 without a HOST; beyond loopback it wants a token
  --api-token-file FILE
                     its bearer token; or the variable ALACRITY_API_TOKEN
  -q                 say nothing when all is well
  -v, --version   -h, --help

Signals: SIGHUP reads the files again and drops no connection. SIGTERM and SIGUSR1 stop in an orderly way: they wait
for the last connection (the file says for how long: "grace", "hard-stop-after"); a second one does not.
`

/** What a command line asks for. */
export type Command =
  | { readonly do: 'help' }
  | { readonly do: 'version' }
  | {
      readonly do: 'check' | 'show' | 'run'
      readonly from: ConfigurationSource
      readonly quiet: boolean
      readonly api?: ApiAddress
    }

export type ConfigurationSource = { readonly files: readonly string[] } | { readonly text: string }

export interface ApiAddress {
  readonly host: string
  readonly port: number
  readonly tokenFile?: string
}

/** A command line that makes no sense; its message says what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** @throws UsageError */
export function commandOf(args: readonly string[]): Command {
  const { values, positionals } = parsed(args)
  if (values.help) return { do: 'help' }
  if (values.version) return { do: 'version' }
  const from = sourceOf(values, positionals)
  const quiet = values.quiet ?? false
  if (values['api-token-file'] !== undefined && values.api === undefined) {
    throw new UsageError('--api-token-file stands with --api HOST:PORT only')
  }
  const api = values.api === undefined ? undefined : { ...hostAndPort('--api', values.api), ...tokenFileOf(values) }
  return { do: values.check ? 'check' : values.show ? 'show' : 'run', from, quiet, ...(api && { api }) }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(hintOf(args) ?? (error as Error).message)
  }
}

/** What people of HAProxy have in their fingers. */
function hintOf(args: readonly string[]): string | undefined {
  const found = args.find((arg) => ['-D', '-W', '-Ws', '-S'].includes(arg))
  if (found) return `${found}: it runs in the foreground, as one process; leave that to systemd or the like`
  const other = args.find((arg) => ['-db', '-p', '-sf', '-st', '-x', '-n', '-L', '-C', '-dr', '-V', '-d'].includes(arg))
  return other && `${other}: there is no such option here; a reload is SIGHUP to the running process (see --help)`
}

const options = {
  file: { type: 'string', short: 'f', multiple: true },
  check: { type: 'boolean', short: 'c' },
  server: { type: 'string', multiple: true },
  balance: { type: 'string' },
  'no-check': { type: 'boolean' },
  stats: { type: 'string' },
  show: { type: 'boolean' },
  api: { type: 'string' },
  'api-token-file': { type: 'string' },
  quiet: { type: 'boolean', short: 'q' },
  version: { type: 'boolean', short: 'v' },
  help: { type: 'boolean', short: 'h' },
} as const

type Values = ReturnType<typeof parsed>['values']

function sourceOf(values: Values, positionals: readonly string[]): ConfigurationSource {
  const { file: files = [], server: servers = [] } = values
  if (files.length > 0) {
    const other = ['server', 'balance', 'no-check', 'stats', 'show'].find((name) => name in values)
    if (other || positionals.length > 0)
      throw new UsageError(`-f cannot stand with ${other ? `--${other}` : positionals[0]}: put that into the file`)
    return { files }
  }
  const [listen, ...rest] = positionals
  if (listen === undefined) throw new UsageError('expected -f FILE, or an address to listen on and --server HOST:PORT')
  if (rest.length > 0) throw new UsageError(`expected one address to listen on, found ${rest[0]} too`)
  if (servers.length === 0) throw new UsageError(withoutServers(listen))
  const { balance, stats } = values
  const check = !values['no-check']
  try {
    return {
      text: configurationFor({
        listen,
        servers,
        check,
        ...(balance !== undefined && { balance }),
        ...(stats !== undefined && { stats }),
      }),
    }
  } catch (error) {
    throw new UsageError(`--${(error as Error).message}`)
  }
}

/** Whoever writes a name that is no address may have meant a file. */
function withoutServers(listen: string): string {
  const expected = 'expected at least one --server HOST:PORT'
  return /:\d+$/.test(listen) ? expected : `${expected}; did you mean -f ${listen}?`
}

function tokenFileOf(values: Values): { readonly tokenFile?: string } {
  const tokenFile = values['api-token-file']
  return tokenFile === undefined ? {} : { tokenFile }
}

function hostAndPort(option: string, text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:\s]*)):(\d{1,5})$/.exec(text)
  if (!match || Number(match[3]) > 65_535)
    throw new UsageError(`${option}: ${text}: expected host:port, such as 127.0.0.1:9000`)
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port: Number(match[3]) }
}
