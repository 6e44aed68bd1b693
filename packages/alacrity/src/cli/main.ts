import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isLoopback } from '../api/management/guard.ts'
import { startManagementApi } from '../api/management/index.ts'
import { ConfigurationError, formatProblem } from '../config/errors.ts'
import type { Configuration } from '../config/model.ts'
import { readConfiguration, readConfigurationFile } from '../config/read.ts'
import { Balancer } from '../control/balancer.ts'
import { ThreadStuck } from '../control/thread-pool.ts'
import { type ApiAddress, type Command, type ConfigurationSource, commandOf, UsageError, usage } from './arguments.ts'
import { Signals } from './signals.ts'

type Run = Extract<Command, { from: ConfigurationSource }>

const say = (line: string) => process.stdout.write(`${line}\n`)
const complain = (line: string) => process.stderr.write(`alacrity: ${line}\n`)

/** Carries out a command line. Resolves to the exit code: 0 well, 1 the configuration or a port is not, 2 the line is not. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await carryOut(commandOf(args))
  } catch (error) {
    if (error instanceof UsageError) complain(`${error.message}\nTry "alacrity --help".`)
    else if (error instanceof ConfigurationError) for (const problem of error.problems) complain(formatProblem(problem))
    else if (error instanceof ThreadStuck) endByForce(error)
    else complain(isDefect(error) ? (error.stack ?? error.message) : (error as Error).message)
    return error instanceof UsageError ? 2 : 1
  }
}

/** What is nobody's input, but our mistake, is told with the place where it happened. */
function isDefect(error: unknown): error is Error {
  return error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError
}

/** Whoever exits waits for its threads, and this one waits for nobody. */
function endByForce({ message }: ThreadStuck): void {
  complain(`${message}; the process is killed`)
  process.kill(process.pid, 'SIGKILL')
}

async function carryOut(command: Command): Promise<number> {
  if (command.do === 'help') process.stdout.write(usage)
  else if (command.do === 'version') say(`alacrity ${version()}`)
  else if (command.do === 'show') show(command)
  else if (command.do === 'check') check(command)
  else await run(command)
  return 0
}

function check({ from, quiet }: Run): void {
  read(from)
  if (!quiet) say('Configuration file is valid')
}

/** What a line is short for, if that can be run. */
function show({ from }: Run): void {
  const text = textOf(from)
  read(from)
  process.stdout.write(text)
}

/** Resolves when the balancer has ended. */
async function run(command: Run): Promise<void> {
  const signals = new Signals()
  const balancer = await Balancer.start(read(command.from), { read: () => read(command.from), warn: complain })
  try {
    const api = command.api && (await startApi(command.api, balancer))
    if (!command.quiet) for (const line of listening(balancer, command)) say(line)
    await ended(balancer, signals)
    await api?.close()
  } finally {
    await balancer[Symbol.asyncDispose]()
  }
}

function read(from: ConfigurationSource): Configuration {
  const configuration =
    'files' in from ? readConfigurationFile(from.files) : readConfiguration(from.text, { file: '(command line)' })
  for (const warning of configuration.warnings) complain(formatProblem(warning))
  return configuration
}

function ended(balancer: Balancer, signals: Signals): Promise<void> {
  return new Promise((resolve, reject) => {
    signals.obeyedBy({
      reload: () => void reload(balancer),
      stop: (isUrgent) => void (isUrgent ? balancer[Symbol.asyncDispose]() : balancer.stop()).then(resolve, reject),
    })
  })
}

async function reload(balancer: Balancer): Promise<void> {
  try {
    await balancer.reload()
    say('reloaded')
  } catch {
    // The balancer itself has said why.
  }
}

async function startApi(
  { host, port, tokenFile }: ApiAddress,
  balancer: Balancer,
): Promise<{ close(): Promise<void> }> {
  const token = tokenFile === undefined ? process.env.ALACRITY_API_TOKEN : tokenIn(tokenFile)
  if (!token && !isLoopback(host)) {
    throw new Error(
      `--api: ${host} can be reached from elsewhere: expected a token, by --api-token-file FILE or ALACRITY_API_TOKEN`,
    )
  }
  return await startManagementApi({ watched: balancer, host, port, ...(token && { token }) })
}

function tokenIn(file: string): string {
  const token = textIn(file).trim()
  // No token would be needed then, which is not what was meant.
  if (token === '') throw new Error(`--api-token-file: ${file} is empty: expected a token`)
  return token
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    throw new Error(`--api-token-file: ${file} cannot be read (${code})`, { cause: error })
  }
}

function listening({ proxies }: Balancer, { api }: Run): string[] {
  const lines = proxies.flatMap(({ name, binds, mode }) =>
    binds.map(
      ({ at }) =>
        `${name} (${mode}) listens on ${'path' in at ? at.path : `${at.host.includes(':') ? `[${at.host}]` : at.host}:${at.port}`}`,
    ),
  )
  return api ? [...lines, `management API on http://${api.host}:${api.port}`] : lines
}

function textOf(from: ConfigurationSource): string {
  if ('text' in from) return from.text
  throw new UsageError('--show needs an address and --server')
}

function version(): string {
  return (createRequire(import.meta.url)('@tourniquet/alacrity/package.json') as { version: string }).version
}
