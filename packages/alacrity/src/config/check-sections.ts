import type { Place } from './model.ts'
import type { Problems } from './problems.ts'
import { isBackend, isFrontend, type ProxyDraft } from './proxy-draft.ts'
import type { Reading } from './reading.ts'
import type { ServerDraft } from './server-draft.ts'

/** Does each section hold together, and do they go with each other? */
export function checkSections({ proxies, resolvers, problems, global }: Reading): void {
  checkNames(proxies, problems)
  checkUnique(resolvers, 'resolvers', problems)
  for (const proxy of proxies) {
    checkMode(proxy, problems)
    checkModes(proxy, proxies, problems)
    checkListening(proxy, problems)
    checkTimeouts(proxy, problems)
    checkRules(proxy, problems)
    checkUnique(proxy.servers, 'server', problems)
    for (const server of proxy.servers) checkServer(server, proxy, problems)
    const { maxconn } = proxy.settings
    if (global.maxconn && maxconn && isFrontend(proxy) && maxconn > global.maxconn) {
      problems.warn(proxy.place, proxy.kind, `its maxconn ${maxconn} is above the global one, ${global.maxconn}`)
    }
  }
}

/** A frontend and a backend may have the same name; no two sections that are both. */
function checkNames(proxies: readonly ProxyDraft[], problems: Problems): void {
  checkUnique(proxies.filter(isFrontend), 'frontend or listen', problems)
  const backends = proxies.filter(isBackend)
  const isSecondListen = ({ kind }: ProxyDraft): boolean => kind === 'listen'
  const seen = new Map<string, ProxyDraft>()
  for (const proxy of backends) {
    const other = seen.get(proxy.name)
    const isReported = other !== undefined && isSecondListen(other) && isSecondListen(proxy)
    if (other !== undefined && !isReported) sameName(proxy, other, 'backend or listen', problems)
    seen.set(proxy.name, other ?? proxy)
  }
}

interface Named {
  readonly name: string
  readonly place: Place
}

function checkUnique(things: readonly Named[], what: string, problems: Problems): void {
  const seen = new Map<string, Named>()
  for (const thing of things) {
    const other = seen.get(thing.name)
    if (other === undefined) seen.set(thing.name, thing)
    else sameName(thing, other, what, problems)
  }
}

function sameName({ name, place }: Named, other: Named, what: string, problems: Problems): void {
  const where = `${other.place.file}:${other.place.line}`
  problems.error(
    place,
    what.split(' ').at(-1)!,
    `there is a ${what} '${name}' already (${where}): expected another name`,
  )
}

function checkMode({ settings: { mode }, servers, place, kind, ...rest }: ProxyDraft, problems: Problems): void {
  if (mode === 'http' && servers.length > 0) {
    const message = "'mode http' with servers: this balances TCP: expected 'mode tcp' (HTTP is passed on as it is)"
    problems.error(servers[0]!.place, 'server', message)
  }
  const isLost = rest.ownPage || rest.monitorFail !== undefined || rest.prometheusPaths.length > 0
  if (mode === 'tcp' && isLost) {
    problems.warn(place, kind, "'stats', 'monitor' and 'http-request' are ignored: they need 'mode http' here")
  }
}

/** What comes in by one mode cannot go on by the other. */
function checkModes(proxy: ProxyDraft, proxies: readonly ProxyDraft[], problems: Problems): void {
  const { settings, place, kind, useBackend } = proxy
  if (!isFrontend(proxy)) return
  const targets = new Set([settings.defaultBackend, ...useBackend.map(({ backend }) => backend)])
  for (const target of proxies.filter((other) => isBackend(other) && targets.has(other.name))) {
    if (target === proxy) problems.error(place, kind, `'${proxy.name}' leads back to itself: expected another backend`)
    if (target.settings.mode === settings.mode) continue
    const modes = `is of mode ${settings.mode}, and its backend '${target.name}' of mode ${target.settings.mode}`
    problems.error(place, kind, `it ${modes}: expected the same mode, 'mode tcp' for both`)
  }
}

function checkListening(proxy: ProxyDraft, problems: Problems): void {
  const { kind, place, binds, servers, useBackend, settings } = proxy
  if (isFrontend(proxy) && binds.length === 0) {
    problems.warn(place, kind, "it has no 'bind' line: nobody can connect to it")
  }
  const goesNowhere = servers.length === 0 && useBackend.length === 0 && settings.defaultBackend === undefined
  if (isFrontend(proxy) && settings.mode === 'tcp' && goesNowhere) {
    const expected = kind === 'listen' ? "'server' lines" : "'default_backend'"
    problems.warn(place, kind, `it has no servers: every connection is closed at once (expected ${expected})`)
  }
}

/** HAProxy's warning. */
function checkTimeouts(proxy: ProxyDraft, problems: Problems): void {
  const { timeouts } = proxy.settings
  const missing = [
    ...(isFrontend(proxy) && proxy.binds.length > 0 && timeouts.client === undefined ? ['client'] : []),
    ...(proxy.servers.length > 0 && timeouts.connect === undefined ? ['connect'] : []),
    ...(proxy.servers.length > 0 && timeouts.server === undefined ? ['server'] : []),
  ].map((name) => `'timeout ${name}'`)
  if (missing.length === 0) return
  problems.warn(proxy.place, proxy.kind, `missing ${missing.join(', ')}: a dead peer is kept for ever`)
}

/** The two kinds are asked as one list: an `accept` of the first would also end the second. */
function checkRules({ settings: { sessionRules, contentRules }, place, kind }: ProxyDraft, problems: Problems): void {
  if (contentRules.length === 0 || !sessionRules.some(({ action }) => action === 'accept')) return
  problems.error(
    place,
    kind,
    "'tcp-request session accept' cannot stand beside 'tcp-request content': use content alone",
  )
}

function checkServer({ settings, place, address, name }: ServerDraft, proxy: ProxyDraft, problems: Problems): void {
  const { config, check, checked } = settings
  const { steps, method, httpConnect } = proxy.settings.check
  if (config.minconn > config.maxconn && config.maxconn > 0) {
    problems.warn(place, 'server', `'minconn' ${config.minconn} is above 'maxconn' ${config.maxconn}`)
  }
  const isPathOrPort = 'path' in address || address.port !== undefined || check.port !== undefined
  const isTcpPort = method.kind === 'tcp-check' && steps.some((step) => step.kind === 'connect' && step.port)
  const isHttpPort = method.kind === 'http' && httpConnect.port !== undefined
  if (checked && !isPathOrPort && !isTcpPort && !isHttpPort) {
    problems.error(place, 'server', `'${name}' has no port of its own to check: expected 'port', or host:port`)
  }
}
