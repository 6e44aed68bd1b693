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

// By the name as it was given, since this is asked of every command of a run.
const known = new Map<string, boolean | 'sometimes'>()

/** Whether it changes nothing at the server, so that it may be sent again. */
export function isReadOnly(command: Command): boolean {
  const is = known.get(command.name) ?? lookUp(command.name)
  if (is === 'sometimes') return isTelling(command)
  return is || command.isReadOnly === true // a script whose definition says so
}

function lookUp(given: string): boolean | 'sometimes' {
  const name = given.toLowerCase()
  const isKnown = telling.has(name) || (exists(name) && hasFlag(name, 'readonly'))
  const is = Object.hasOwn(tellingSubcommands, name) ? 'sometimes' : isKnown
  if (exists(name)) known.set(given, is) // others may be of any number
  return is
}

function isTelling({ name, args: [subcommand] }: Command): boolean {
  return tellingSubcommands[name.toLowerCase()]?.split(' ').includes(String(subcommand).toLowerCase()) ?? false
}

/** The names that say something of the state of a connection, also as they are written in `call('MULTI')`. */
const stateful = new Map(
  'multi exec discard watch unwatch select scan sscan hscan zscan quit subscribe psubscribe ssubscribe unsubscribe punsubscribe sunsubscribe'
    .split(' ')
    .flatMap((name) => [[name, name] as const, [name.toUpperCase(), name] as const]),
)

/** The name in small letters, if it says something of the state of a connection: ioredis itself knows no others. */
export function statefulName({ name }: Command): string | undefined {
  return stateful.get(name)
}

/** Whether the server may keep it waiting for longer than it needs. */
export function isBlocking({ name }: Command): boolean {
  return /^(bl|br|bz|xread|wait)/i.test(name)
}

/** Whether it tells of subscriptions: each channel is answered by itself. */
export function isSubscription({ name }: Command): boolean {
  return /^[ps]?(un)?subscribe$/i.test(name)
}

const ofConnection = new Set(
  'subscribe psubscribe ssubscribe unsubscribe punsubscribe sunsubscribe select watch unwatch monitor'.split(' '),
)

/** Whether it is about the connection alone: on the next one it has to be said again. */
export function isOfConnection({ name }: Command): boolean {
  return ofConnection.has(name.toLowerCase())
}

/** Whether it stands between MULTI and EXEC of a pipeline, or is one of the two. */
export function isInTransaction(command: Command): boolean {
  return command.inTransaction || (command.pipelineIndex !== undefined && command.name === 'exec')
}

/** Whether it runs a script, which may do several things. */
export function isScript({ name }: Pick<Command, 'name'>): boolean {
  return /^(eval|evalsha|fcall)$/i.test(name)
}
