import { checkMethod } from './check-draft.ts'
import { checkReferences } from './check-references.ts'
import { checkSections } from './check-sections.ts'
import { ConfigurationError } from './errors.ts'
import { finishServer } from './finish-server.ts'
import { numbers } from './ids.ts'
import type { Configuration, Global, LogTarget, ProxyConfig, ProxyLog, ResolversConfig } from './model.ts'
import { isBackend, isFrontend, type LogDraft, type ProxyDraft } from './proxy-draft.ts'
import type { Reading } from './reading.ts'
import type { ResolversDraft } from './resolvers.ts'

/** Once all was read: looks up what refers to what, fills in what depends on it, and gives out the numbers. */
export function finish(reading: Reading, file: string): Configuration {
  const { problems, proxies, global } = reading
  checkSections(reading)
  checkReferences(reading)
  checkDoors(reading, file)
  const isStatsSocketFirst = global.statsSockets.length > 0 // HAProxy's own frontend for it has the number 1
  const ids = numbers(proxies, isStatsSocketFirst ? 2 : 1, problems)
  const configs = proxies.map((proxy, index) => finishProxy(proxy, ids[index]!, reading))
  if (problems.hasErrors) throw new ConfigurationError(problems.all)
  const resolvers = reading.resolvers.map(finishResolvers)
  return { global: finishGlobal(reading), proxies: configs, resolvers, warnings: problems.warnings }
}

/** As HAProxy, which would end at once. */
function checkDoors({ proxies, global, problems }: Reading, file: string): void {
  const isOpen =
    global.statsSockets.length > 0 || proxies.some(({ binds, settings }) => binds.length > 0 && !settings.disabled)
  if (isOpen || problems.hasErrors) return
  problems.error({ file, line: 0 }, 'bind', "nothing listens: expected a 'bind' line in a frontend or listen section")
}

function finishGlobal({ global: { logTag: _, ...global } }: Reading): Global {
  return global
}

function finishResolvers({ names: _, ...resolvers }: ResolversDraft): ResolversConfig {
  return resolvers
}

function finishProxy(draft: ProxyDraft, id: number, reading: Reading): ProxyConfig {
  const { name, place, settings, description } = draft
  const kind = draft.kind as ProxyConfig['kind']
  const { mode, disabled, timeouts, clitcpka, srvtcpka, logHealthChecks } = settings
  return {
    ...{ kind, name, id, place, mode, disabled, timeouts, clitcpka, srvtcpka, logHealthChecks },
    ...(description !== undefined && { description }),
    log: finishLog(settings.log, reading),
    ...frontendOf(draft),
    ...backendOf(draft, reading),
    ...pageOf(draft),
  }
}

type FrontendKeys =
  | 'binds'
  | 'maxconn'
  | 'backlog'
  | 'connectionRules'
  | 'contentRules'
  | 'useBackend'
  | 'defaultBackend'

function frontendOf(draft: ProxyDraft): Pick<ProxyConfig, FrontendKeys> {
  const { settings, binds, useBackend } = draft
  const { connectionRules, sessionRules, contentRules, maxconn, backlog, defaultBackend } = settings
  const own = isFrontend(draft)
  return {
    binds,
    useBackend,
    connectionRules: own ? connectionRules : [],
    // Both are asked once the PROXY header is known.
    contentRules: own ? [...sessionRules, ...contentRules] : contentRules,
    ...(own && maxconn !== undefined && maxconn > 0 && { maxconn }),
    ...(own && backlog !== undefined && backlog > 0 && { backlog }),
    ...(own && defaultBackend !== undefined && { defaultBackend }),
  }
}

type BackendKeys = 'balance' | 'hashType' | 'servers' | 'useServer' | 'retries' | 'redispatch' | 'allbackups' | 'check'

function backendOf(draft: ProxyDraft, { problems }: Reading): Pick<ProxyConfig, BackendKeys> {
  const { settings, servers, useServer } = draft
  const { balance, hashType, retries, redispatch, allbackups, check } = settings
  const drafts = servers.map(({ name, place, settings: { id } }) => ({ name, place, ...(id !== undefined && { id }) }))
  const ids = numbers(drafts, 1, problems)
  return {
    ...{ balance, hashType, retries, allbackups, useServer },
    ...(redispatch !== undefined && { redispatch }),
    check: isBackend(draft) ? checkMethod(check) : { kind: 'connect' },
    servers: servers.map((server, index) => finishServer(server, ids[index]!, draft)),
  }
}

function pageOf(draft: ProxyDraft): Pick<ProxyConfig, 'stats' | 'monitorUri' | 'monitorFail' | 'prometheusPaths'> {
  const { settings, monitorFail, prometheusPaths } = draft
  const { stats, monitorUri, mode } = settings
  if (mode === 'tcp') return { prometheusPaths: [] } // `checkSections` has warned of what is lost
  return {
    ...(stats !== undefined && { stats }),
    ...(monitorUri !== undefined && { monitorUri }),
    ...(monitorFail !== undefined && { monitorFail }),
    prometheusPaths,
  }
}

/** As in HAProxy's documentation, "TCP log format". */
const TCPLOG = '%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq'

function finishLog({ targets, format, dontlognull, dontlogNormal, tag }: LogDraft, { global }: Reading): ProxyLog {
  const all: LogTarget[] = targets.flatMap((target) => (target === 'global' ? global.logs : [target]))
  const ownTag = tag ?? global.logTag
  return {
    targets: all,
    format: formatOf(format),
    dontlognull,
    dontlogNormal,
    ...(ownTag !== undefined && { tag: ownTag }),
  }
}

function formatOf(format: LogDraft['format']): ProxyLog['format'] {
  if (format === undefined) return { kind: 'default' }
  return { kind: 'format', text: typeof format === 'object' ? format.text : TCPLOG }
}
