import { parseAddress, toPort } from './address.ts'
import { type Directives, group, ignored, ignoredWords, type Reader, readWords } from './directive.ts'
import { refuse } from './errors.ts'
import type { GlobalDraft, Mutable } from './global-draft.ts'
import type { StatsSocket } from './model.ts'
import type { Reading } from './reading.ts'
import { takeMs, takeOneOf } from './units.ts'
import type { Words } from './words.ts'

type Settings = Mutable<Pick<StatsSocket, 'mode' | 'level'>>

/** `stats socket <path | host:port> [mode m] [level l]` */
const readStatsSocket: Reader<GlobalDraft> = (words, global, reading) => {
  const at = socketAddress(words.take('a path, or host:port'))
  const settings: Settings = { level: 'operator' }
  readWords(socketWords, words, settings, reading, "'mode', 'level' or 'expose-fd listeners'")
  global.statsSockets.push({ at, ...settings, place: words.place })
}

const socketWords: Directives<Settings> = {
  mode: (words, settings) => {
    const text = words.take('an octal mode such as 660')
    if (!/^[0-7]{1,5}$/.test(text)) refuse(`'${text}' is not an octal mode such as 660`)
    settings.mode = Number.parseInt(text, 8)
  },
  level: (words, settings) => {
    settings.level = takeOneOf(words, ['user', 'operator', 'admin'])
  },
  'expose-fd': (words: Words, _settings: unknown, reading: Reading) => {
    takeOneOf(words, ['listeners'])
    reading.warn(words, "'expose-fd listeners' is ignored: a reload keeps the listeners by itself")
  },
  ...ignoredWords('user uid group gid', 1, 'the socket is of the user this runs as'),
  ...ignoredWords('name process thread severity-output maxconn backlog nice id', 1, 'it has no use here'),
}

function socketAddress(text: string): StatsSocket['at'] {
  const address = parseAddress(text)
  if (address.kind === 'path') return { path: address.path }
  if (address.port === undefined) return refuse(`'${text}': expected the absolute path of a socket, or host:port`)
  const any = address.family === 6 ? '::' : '0.0.0.0'
  return { host: ['', '*'].includes(address.host) ? any : address.host, port: toPort(address.port) }
}

const stats: Directives<GlobalDraft> = {
  socket: readStatsSocket,
  timeout: (words, global) => {
    global.statsTimeoutMs = takeMs(words)
  },
  ...ignored('maxconn bind-process', 'there is one process, and its socket has no limit'),
}

/** `stats socket` and `stats timeout` of the `global` section. */
export const readGlobalStats: Reader<GlobalDraft> = group(stats, "'socket' or 'timeout'")
