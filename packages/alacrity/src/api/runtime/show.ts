import { csv } from '../../stats/csv.ts'
import { infoJson, infoText, infoTyped, statJson, statTyped } from '../../stats/json.ts'
import { type Selection, select } from '../../stats/select.ts'
import type { WatchedServer } from '../watched.ts'
import { type Command, type CommandContext, Refused } from './command.ts'
import { backendOf, isNamed } from './find.ts'
import { serverConnections, serverStates } from './server-state.ts'
import { texts } from './texts.ts'

export const showCommands: readonly Command[] = [
  {
    words: 'show backend',
    help: 'list backends in the current running config',
    level: 'user',
    run: ({ watched }) => `# name\n${lines(watched.proxies.filter(({ kind }) => kind !== 'frontend'))}`,
  },
  {
    words: 'show cli level',
    help: 'display the level of the current CLI session',
    level: 'user',
    run: ({ session }) => `${session.level}\n`,
  },
  {
    words: 'show cli sockets',
    help: 'dump list of cli sockets',
    level: 'operator',
    run: ({ sockets }) => `# socket lvl processes\n${sockets.map(socketLine).join('')}`,
  },
  {
    words: 'show errors',
    usage: '[<px>] [request|response]',
    help: 'report last request and/or response errors for each proxy',
    level: 'operator',
    run: showErrors,
  },
  {
    words: 'show info',
    usage: '[json|typed]*',
    help: 'report information about the running process',
    level: 'user',
    run: showInfo,
  },
  {
    words: 'show servers conn',
    usage: '[<backend>]',
    help: 'dump server connections status (all or for a single backend)',
    level: 'user',
    run: ({ watched, args }) => serverConnections(ofBackend({ watched, args })),
  },
  {
    words: 'show servers state',
    usage: '[<backend>]',
    help: 'dump volatile server information (all or for a single backend)',
    level: 'user',
    run: ({ watched, args }) => serverStates(ofBackend({ watched, args })),
  },
  {
    words: 'show stat',
    usage: '[json|no-maint|typed|up]*',
    help: 'report counters for each proxy and server',
    level: 'user',
    run: showStat,
  },
  {
    words: 'show version',
    help: 'show version of the current process',
    level: 'user',
    run: ({ watched }) => `${watched.info().get('Version') ?? ''}\n`,
  },
]

function lines(named: readonly { readonly name: string }[]): string {
  return named.map(({ name }) => `${name}\n`).join('')
}

function socketLine({ at, level }: CommandContext['sockets'][number]): string {
  return `${'path' in at ? `unix@${at.path}` : `ipv4@${at.host}:${at.port}`} ${level} all\n`
}

function showInfo({ watched, args }: CommandContext): string {
  if (args.includes('json')) return `${infoJson(watched.info())}\n`
  return args.includes('typed') ? infoTyped(watched.info()) : infoText(watched.info())
}

function showStat({ watched, args }: CommandContext): string {
  const [proxy, types, sid] = args
  const one = sid === undefined ? {} : bound(watched, [proxy!, types!, sid])
  const rows = select(watched.rows(), { ...one, up: args.includes('up'), noMaint: args.includes('no-maint') })
  if (args.includes('json')) return `${statJson(rows)}\n`
  return args.includes('typed') ? statTyped(rows) : csv(rows)
}

/** `show stat <name | iid> <types> <sid>`: three words that are no numbers name no proxy. */
function bound(watched: CommandContext['watched'], [proxy, types, sid]: [string, string, string]): Selection {
  if (proxy === 'json' || proxy === 'typed' || proxy === 'up' || proxy === 'no-maint') return {}
  const named = watched.proxies.find((each) => isNamed(each, proxy))
  if (!named && !/^-?\d+$/.test(proxy)) throw new Refused(texts.noProxy)
  return { iid: named?.id ?? Number(proxy), types: Number.parseInt(types, 10) || 0, sid: Number.parseInt(sid, 10) || 0 }
}

function ofBackend({ watched, args: [name] }: Pick<CommandContext, 'watched' | 'args'>): readonly WatchedServer[] {
  if (!name) return watched.servers()
  const proxy = backendOf(watched, name)
  if (!proxy) throw new Refused(texts.noStateBackend)
  return watched.servers().filter(({ backend }) => backend === proxy.name)
}

/** There is no layer 7 whose errors could be kept. */
function showErrors({ watched, args: [name] }: CommandContext): string {
  if (name && !watched.proxies.some((proxy) => isNamed(proxy, name))) throw new Refused(texts.noProxy)
  const [day, month, year, time] = new Date().toUTCString().slice(5, 25).split(' ')
  return `Total events captured on [${day}/${month}/${year}:${time}.000] : 0\n`
}
