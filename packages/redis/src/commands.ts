import { exists, hasFlag } from '@ioredis/commands'
import type { Command } from 'ioredis'

// What the flags do not say: commands that only tell something, and those that do so in some of their subcommands.
const telling = new Set('ping echo time info role lastsave command hello'.split(' '))
const tellingSubcommands: Readonly<Record<string, string>> = {
  acl: 'cat dryrun getuser help list users whoami',
  client: 'getname getredir help id info list trackinginfo',
  cluster: 'countkeysinslot getkeysinslot help info keyslot links myid myshardid nodes replicas shards slaves slots',
  config: 'get help',
  function: 'dump help list stats',
  latency: 'doctor graph help histogram history latest',
  memory: 'doctor help malloc-stats stats usage',
  module: 'help list',
  object: 'encoding freq help idletime refcount',
  pubsub: 'channels help numpat numsub shardchannels shardnumsub',
  script: 'exists help',
  slowlog: 'get help len',
  xinfo: 'consumers groups help stream',
}

const known = new Map<string, boolean>()

/** Whether it changes nothing at the server, so that it may be sent again. */
export function isReadOnly(command: Command): boolean {
  if (command.isReadOnly) return true // a script whose definition says so
  const name = command.name.toLowerCase()
  const subcommands = tellingSubcommands[name]
  if (subcommands) return subcommands.split(' ').includes(String(command.args[0]).toLowerCase())
  let is = known.get(name)
  if (is === undefined) {
    is = telling.has(name) || (exists(name) && hasFlag(name, 'readonly'))
    known.set(name, is)
  }
  return is
}

const ofConnection = new Set(
  'subscribe psubscribe ssubscribe unsubscribe punsubscribe sunsubscribe select watch unwatch'.split(' '),
)

/** Whether it is about the connection alone: on the next one it has to be said again. */
export function isOfConnection({ name }: Command): boolean {
  return ofConnection.has(name.toLowerCase())
}

/** Whether it stands between MULTI and EXEC of a pipeline, or is one of the two. */
export function isInTransaction(command: Command): boolean {
  return command.inTransaction || (command.pipelineIndex !== undefined && command.name === 'exec')
}
