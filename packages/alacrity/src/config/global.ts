import { type Directives, ignored, type Reader, refused } from './directive.ts'
import { refuse } from './errors.ts'
import type { GlobalDraft } from './global-draft.ts'
import { readLogTarget } from './log.ts'
import { readGlobalStats } from './stats-socket.ts'
import { takeMs, takeNumber } from './units.ts'
import type { Words } from './words.ts'

const readNbproc: Reader<GlobalDraft> = (words, _global, reading) => {
  if (takeNumber(words, 1) !== 1) refuse("there is one process: expected 'nbthread', which shares the load")
  reading.warn(words, 'ignored: there is one process, with threads (see nbthread)')
}

const readGlobalLog: Reader<GlobalDraft> = (words, global, reading) => {
  if (words.peek() === 'global') refuse("'global' is for the other sections: expected 'stdout', an address or a path")
  global.logs.push(readLogTarget(words, reading))
}

function takeValue(words: Words): string {
  const value = words.next() ?? refuse('expected its value')
  words.endOfOneWord()
  return value
}

/** The directives of the `global` section that do something. */
const known: Directives<GlobalDraft> = {
  maxconn: (words, global) => {
    global.maxconn = takeNumber(words)
  },
  nbthread: (words, global) => {
    global.nbthread = takeNumber(words, 1, 64)
  },
  nbproc: readNbproc,
  'hard-stop-after': (words, global) => {
    global.hardStopAfterMs = takeMs(words)
  },
  grace: (words, global) => {
    global.graceMs = takeMs(words)
  },
  'spread-checks': (words, global) => {
    global.spreadChecks = takeNumber(words, 0, 50)
  },
  log: readGlobalLog,
  'log-tag': (words, global) => {
    global.logTag = words.take('a tag')
  },
  stats: readGlobalStats,
  node: (words, global) => {
    global.node = words.take('a name')
  },
  description: (words, global) => {
    global.description = words.rest().join(' ')
  },
  setenv: (words, _global, reading) => {
    const name = words.take('the name of a variable')
    reading.env[name] = takeValue(words)
  },
  presetenv: (words, _global, reading) => {
    const name = words.take('the name of a variable')
    const value = takeValue(words)
    reading.env[name] ??= value
  },
  unsetenv: (words, _global, reading) => {
    for (const name of words.rest()) delete reading.env[name]
  },
}

const ignoredInGlobal: Directives<unknown> = {
  ...ignored('chroot user group uid gid', 'start it as the user it shall run as (and let systemd confine it)'),
  ...ignored('daemon quiet debug zero-warning pidfile', 'it runs in the foreground (let systemd keep it)'),
  ...ignored('master-worker mworker-max-reloads', 'a reload is done in place, without another process'),
  ...ignored(
    'ulimit-n fd-hard-limit strict-limits prealloc-fd rlimit-memmax-all',
    'the limits are those it was started with',
  ),
  ...ignored(
    'ca-base crt-base issuers-chain-path ssl-mode-async ssl-engine maxsslconn maxsslrate',
    'there is no TLS here',
  ),
  ...ignored('set-dumpable insecure-setuid-wanted insecure-fork-wanted unix-bind', 'the system is asked for it'),
  ...ignored('busy-polling noepoll nokqueue noevports nopoll nosplice noreuseport nogetaddrinfo', 'Node polls'),
  ...ignored('cpu-map numa-cpu-mapping thread-groups thread-group thread-hard-limit', 'the system places the threads'),
  ...ignored('localpeer server-state-base server-state-file default-path', 'it has no use here'),
  ...ignored('log-send-hostname profiling.tasks profiling.memory no-memory-trimming', 'it has no use here'),
  ...ignored('maxpipes maxzlibmem maxcomprate maxcompcpuusage maxrate-buffer', 'it has no use here'),
  ...ignored('max-spread-checks close-spread-time cluster-secret pp2-never-send-local', 'it has no use here'),
  ...ignored('h1-case-adjust h1-case-adjust-file h2-workaround-bogus-websocket-clients', 'there is no HTTP to balance'),
  ...ignored('expose-experimental-directives insecure-unsafe', 'it has no use here'),
}

/** The directives of the `global` section. */
export const globalDirectives: Directives<GlobalDraft> = {
  ...known,
  ...ignoredInGlobal,
  ...refused('maxconnrate maxsessrate', "rates are not limited here: expected 'maxconn'"),
  ...refused('external-check', 'programs are not run: take it out, and use another check'),
  ...refused('lua-load lua-load-per-thread lua-prepend-path', 'Lua is not known here: take it out'),
  ...refused('resetenv', "expected 'unsetenv'"),
}

/** What may stand behind `no`. */
export const negatedInGlobal: Directives<GlobalDraft> = {
  ...ignoredInGlobal,
  log: (_words, global) => {
    global.logs.length = 0
  },
}

/** Families of names: `tune.bufsize`, `ssl-default-bind-options`. */
export const ignoredFamilies: readonly { readonly prefix: string; readonly why: string }[] = [
  { prefix: 'tune.', why: 'it tunes what HAProxy is made of' },
  { prefix: 'ssl-', why: 'there is no TLS here' },
  { prefix: '51degrees-', why: 'there is no HTTP to balance' },
  { prefix: 'deviceatlas-', why: 'there is no HTTP to balance' },
  { prefix: 'wurfl-', why: 'there is no HTTP to balance' },
]
