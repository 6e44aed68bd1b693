import type { AdminState } from '../watched.ts'
import { type Command, type CommandContext, Refused } from './command.ts'
import { addServer, deleteServer } from './dynamic-servers.ts'
import { serverOf } from './find.ts'
import { setAddress } from './set-address.ts'
import { texts } from './texts.ts'
import { setWeight } from './weight.ts'

type Run = Command['run']

const state =
  (to: AdminState): Run =>
  ({ watched, args }) => {
    const { backend, name } = serverOf(watched, args[0])
    watched.setState(backend, name, to)
    return ''
  }

const checks =
  (enabled: boolean): Run =>
  ({ watched, args }) => {
    const { backend, name, isChecked } = serverOf(watched, args[0])
    if (enabled && !isChecked) throw new Refused(texts.notChecked)
    watched.setChecks(backend, name, enabled)
    return ''
  }

const setServer: Run = (context) => {
  serverOf(context.watched, context.args[0])
  const what = context.args[1] ?? ''
  const set = Object.hasOwn(settings, what) ? settings[what] : undefined
  if (!set) throw new Refused(texts.setServer)
  return set({ ...context, args: [context.args[0]!, ...context.args.slice(2)] })
}

const settings: Readonly<Record<string, Run>> = {
  addr: setAddress,
  weight: setWeight,
  health: ({ watched, args }) => {
    const { backend, name } = serverOf(watched, args[0])
    const health = oneOf(['up', 'stopping', 'down'], args[1], texts.health)
    watched.setHealth(backend, name, health)
    return ''
  },
  state: (context) => state(oneOf(['ready', 'drain', 'maint'], context.args[1], texts.state))(context),
}

function oneOf<const Word extends string>(words: readonly Word[], given: string | undefined, refusal: string): Word {
  const found = words.find((word) => word === given)
  if (found === undefined) throw new Refused(refusal)
  return found
}

function getWeight({ watched, args }: CommandContext): string {
  const { weight, initialWeight } = serverOf(watched, args[0])
  return `${weight} (initial ${initialWeight})\n`
}

async function shutdownSessions({ watched, args }: CommandContext): Promise<string> {
  const { backend, name } = serverOf(watched, args[0])
  await watched.shutdownSessions(backend, name)
  return ''
}

function serverCommand(words: string, help: string, run: Run, usage = '<bk>/<srv>'): Command {
  return { words, usage, help, level: 'admin', run }
}

export const serverCommands: readonly Command[] = [
  serverCommand('add server', 'create a new server', addServer),
  serverCommand('del server', 'remove a dynamically added server', deleteServer),
  serverCommand('disable health', 'disable health checks', checks(false)),
  serverCommand('disable server', "disable a server for maintenance (use 'set server' instead)", state('maint')),
  serverCommand('enable health', 'enable health checks', checks(true)),
  serverCommand('enable server', "enable a disabled server (use 'set server' instead)", state('ready')),
  { ...serverCommand('get weight', "report a server's current weight", getWeight), level: 'user' },
  serverCommand('set server', "change a server's state, weight or address", setServer, '<bk>/<srv> [opts]'),
  serverCommand('set weight', "change a server's weight (use 'set server' instead)", setWeight),
  serverCommand('shutdown sessions server', 'kill sessions on a server', shutdownSessions),
]
