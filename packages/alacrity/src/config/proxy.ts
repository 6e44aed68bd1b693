import { readAcl } from './acl.ts'
import { readBalance, readHashType } from './balance.ts'
import { readBind } from './bind.ts'
import type { Directives, Reader } from './directive.ts'
import { refuse } from './errors.ts'
import { readHttpCheck } from './http-check.ts'
import { ignoredInProxies, refusedInProxies } from './inert.ts'
import { readLog, readLogFormat, readLogTag } from './log.ts'
import { readHttpRequest, readMonitor, readMonitorUri } from './monitor.ts'
import { readNoOption, readOption } from './options.ts'
import { isBackend, isFrontend, type ProxyDraft } from './proxy-draft.ts'
import { readDefaultServer, readServer, readServerTemplate } from './server.ts'
import { readStats } from './stats.ts'
import { readTcpCheck } from './tcp-check.ts'
import { readTcpRequest, readUseBackend, readUseServer } from './tcp-request.ts'
import { readTimeout } from './timeouts.ts'
import { takeNumber, takeOneOf } from './units.ts'

/** Not in `defaults`. */
function own(read: Reader<ProxyDraft>): Reader<ProxyDraft> {
  return (words, proxy, reading) => {
    if (proxy.kind === 'defaults') refuse('it cannot stand in a defaults section')
    read(words, proxy, reading)
  }
}

/** Ignored in a `backend`, as HAProxy does. */
function ofFrontends(read: Reader<ProxyDraft>): Reader<ProxyDraft> {
  return (words, proxy, reading) => {
    if (isFrontend(proxy) || proxy.kind === 'defaults') return read(words, proxy, reading)
    words.rest()
    reading.warn(words, `ignored: '${proxy.name}' is a backend, expected in a frontend or listen section`)
  }
}

/** Ignored in a `frontend`, as HAProxy does. */
function ofBackends(read: Reader<ProxyDraft>): Reader<ProxyDraft> {
  return (words, proxy, reading) => {
    if (isBackend(proxy) || proxy.kind === 'defaults') return read(words, proxy, reading)
    words.rest()
    reading.warn(words, `ignored: '${proxy.name}' is a frontend, expected in a backend or listen section`)
  }
}

/** What makes a server: HAProxy refuses it in a frontend. */
function makesServers(read: Reader<ProxyDraft>): Reader<ProxyDraft> {
  return own((words, proxy, reading) => {
    if (!isBackend(proxy)) refuse('a frontend has no servers: expected a backend or listen section')
    read(words, proxy, reading)
  })
}

/** The directives of `defaults`, `frontend`, `backend` and `listen`. */
export const proxyDirectives: Directives<ProxyDraft> = {
  ...ignoredInProxies,
  ...refusedInProxies,
  mode: (words, { settings }) => {
    settings.mode = takeOneOf(words, ['tcp', 'http'])
  },
  disabled: (_words, { settings }) => {
    settings.disabled = true
  },
  enabled: (_words, { settings }) => {
    settings.disabled = false
  },
  id: own((words, proxy) => {
    proxy.id = takeNumber(words, 1)
  }),
  description: own((words, proxy) => {
    proxy.description = words.rest().join(' ')
  }),
  timeout: readTimeout,
  option: readOption,
  log: readLog,
  'log-format': readLogFormat,
  'log-tag': readLogTag,
  // Of frontends
  bind: own(ofFrontends(readBind)),
  maxconn: ofFrontends((words, { settings }) => {
    settings.maxconn = takeNumber(words)
  }),
  backlog: ofFrontends((words, { settings }) => {
    settings.backlog = takeNumber(words)
  }),
  acl: readAcl,
  'tcp-request': readTcpRequest,
  use_backend: own(ofFrontends(readUseBackend)),
  default_backend: ofFrontends((words, { settings }, reading) => {
    settings.defaultBackend = words.take('the name of a backend')
    reading.refer(words, settings.defaultBackend)
  }),
  // Of backends
  balance: ofBackends(readBalance),
  'hash-type': ofBackends(readHashType),
  server: makesServers(readServer),
  'server-template': makesServers(readServerTemplate),
  'default-server': ofBackends(readDefaultServer),
  'use-server': own(readUseServer),
  retries: ofBackends((words, { settings }) => {
    settings.retries = takeNumber(words)
  }),
  'tcp-check': ofBackends(readTcpCheck),
  'http-check': ofBackends(readHttpCheck),
  // Of sections that show something
  stats: readStats,
  'monitor-uri': ofFrontends(readMonitorUri),
  monitor: own(ofFrontends(readMonitor)),
  'http-request': own(readHttpRequest),
}

/** What may stand behind `no` and `default`. */
export const negated: Directives<ProxyDraft> = {
  option: readNoOption,
  log: (_words, { settings: { log } }) => {
    log.targets = []
  },
}
