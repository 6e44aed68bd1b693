import { parseAddress, parseHostPort } from './address.ts'
import { type Directives, ignoredWords, type Reader } from './directive.ts'
import { refuse } from './errors.ts'
import type { Mutable } from './global-draft.ts'
import type { LogTarget } from './model.ts'
import { didYouMean } from './nearest.ts'
import type { ProxyDraft } from './proxy-draft.ts'
import type { Reading } from './reading.ts'
import { takeNumber, takeOneOf } from './units.ts'
import type { Words } from './words.ts'

const FACILITIES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'auth2', 'ftp'],
  ...['ntp', 'audit', 'alert', 'cron2', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
]
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug']
const FORMATS = ['raw', 'short', 'rfc3164', 'rfc5424', 'timed', 'iso'] as const
const SYSLOG_PORT = 514

/** `log global`, `log <target> …` of a section; `no log` takes back all of them. */
export const readLog: Reader<ProxyDraft> = (words, { settings: { log } }, reading) => {
  log.targets.push(words.takeIf('global') ? 'global' : readLogTarget(words, reading))
}

/** `<target> [len n] [format f] <facility> [level [minlevel]]` */
export function readLogTarget(words: Words, reading: Reading): LogTarget {
  const to = logAddress(words.take("where to: 'stdout', 'stderr', an address or a path"))
  const draft: Mutable<Pick<LogTarget, 'format' | 'length'>> = { format: 'rfc3164', length: 1024 }
  if (to === 'socket') {
    draft.format = 'short'
    reading.warn(
      words,
      'Node cannot write to the socket of a log daemon: the lines go to standard output, where systemd takes them up by their priority; or give an address, such as 127.0.0.1:514',
    )
  }
  while (Object.hasOwn(logWords, words.peek() ?? '')) logWords[words.take('')]!(words, draft, reading)
  const facility = takeKnown(words, 'a facility such as local0', FACILITIES)
  const maxLevel = words.isAtEnd ? 7 : LEVELS.indexOf(takeKnown(words, 'a level', LEVELS))
  if (!words.isAtEnd) {
    takeKnown(words, 'a level', LEVELS)
    reading.warn(words, 'the minimum level is ignored: lines keep the level they have')
  }
  return { to: to === 'socket' ? { kind: 'stdout' } : to, ...draft, facility, maxLevel }
}

const logWords: Directives<Mutable<Pick<LogTarget, 'format' | 'length'>>> = {
  len: (words, draft) => {
    draft.length = takeNumber(words, 80, 65_535)
  },
  format: (words, draft) => {
    draft.format = takeOneOf(words, FORMATS)
  },
  ...ignoredWords('sample', 1, 'every line is logged'),
}

function takeKnown(words: Words, expected: string, known: readonly string[]): string {
  const word = words.take(expected)
  return known.includes(word) ? word : refuse(`'${word}' is not ${expected}${didYouMean(word, known)}`)
}

function logAddress(text: string): LogTarget['to'] | 'socket' {
  if (text === 'stdout' || text === 'fd@1') return { kind: 'stdout' }
  if (text === 'stderr' || text === 'fd@2') return { kind: 'stderr' }
  if (/^(tcp|ring|fd)/.test(text) && text.includes('@')) {
    return refuse(`'${text}' is not supported: expected 'stdout', 'stderr', host:port (UDP) or the path of a socket`)
  }
  const address = parseAddress(text)
  if (address.kind === 'path') return 'socket'
  return { kind: 'udp', ...parseHostPort(text, SYSLOG_PORT) }
}

/** `log-format <text>`, which is one word: quoted, or with its blanks escaped. */
export const readLogFormat: Reader<ProxyDraft> = (words, { settings: { log } }) => {
  log.format = { text: words.take('a format in quotes') }
}

export const readLogTag: Reader<ProxyDraft> = (words, { settings: { log } }) => {
  log.tag = words.take('a tag')
}
