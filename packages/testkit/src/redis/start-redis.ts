import { runProgram } from '../install/run-program.ts'
import { tied } from '../install/tied.ts'
import { freePort } from '../process/free-port.ts'
import { orDispose } from '../process/or-dispose.ts'
import { TempFolder } from '../process/temp-folder.ts'
import { checkRedisOptions, type RedisOptions } from './redis-options.ts'
import { redisPrograms } from './redis-programs.ts'
import { RedisServer } from './redis-server.ts'

/**
 * Starts a Redis of its own (7 or newer) in a folder of its own, and resolves when it answers PING. Where Redis is
 * missing it is installed, if this process may do that: as root on Debian or Ubuntu.
 *
 * @throws TypeError if an option is not what it must be
 * @throws Error that names the command to run if Redis is missing and cannot be installed; else as `startServer` does
 */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  checkRedisOptions(options)
  const { name = 'redis', args = [], cliArgs = [], startTimeoutMs = 30_000 } = options
  const programs = await redisPrograms()
  const port = options.port ?? (await freePort())
  const cli = redisCli(programs.cli, port, cliArgs)
  const words = [...settings(port), ...(typeof args === 'function' ? args(port) : args)]
  const program = await tied({ command: programs.server, args: words })
  const folder = new TempFolder('tourniquet-redis')
  const server = new RedisServer({ name, port, program, cli, folder, startTimeoutMs })
  await orDispose(server, () => server.restart())
  return server
}

/** A fork that saves, and 5 s for more replicas to come, are what a test would wait for. */
function settings(port: number): string[] {
  const words = `--port ${port} --bind 127.0.0.1 --appendonly no --repl-diskless-sync-delay 0 --shutdown-timeout 0`
  return [...words.split(' '), '--save', '']
}

function redisCli(cli: string, port: number, more: readonly string[]): (...words: string[]) => Promise<string> {
  const args = ['-e', '-h', '127.0.0.1', '-p', String(port), ...more]
  const env = { REDISCLI_AUTH: undefined }
  return async (...words) => (await runProgram(cli, [...args, ...words], { env })).replace(/\n$/, '')
}
