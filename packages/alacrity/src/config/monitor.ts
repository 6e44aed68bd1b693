import { readAclTerm, readCondition } from './condition.ts'
import { type Directives, group, type Reader } from './directive.ts'
import { refuse } from './errors.ts'
import type { ProxyDraft } from './proxy-draft.ts'
import { takeOneOf } from './units.ts'

/** `monitor-uri <path>` */
export const readMonitorUri: Reader<ProxyDraft> = (words, proxy) => {
  proxy.settings.monitorUri = words.take('a path such as /health')
  proxy.ownPage = true
}

/** `monitor fail if <condition>` */
export const readMonitor: Reader<ProxyDraft> = (words, proxy, reading) => {
  takeOneOf(words, ['fail'])
  proxy.monitorFail = readCondition(words, proxy, reading)
}

const readUseService: Reader<ProxyDraft> = (words, proxy, reading) => {
  takeOneOf(words, ['prometheus-exporter'])
  takeOneOf(words, ['if'])
  while (!words.isAtEnd) {
    const { negate, acl } = readAclTerm(words, proxy, reading)
    const isPath = !negate && acl.paths.length > 0 && acl.tests.length === 0
    if (!isPath) refuse('expected only paths, such as: if { path /metrics }')
    proxy.prometheusPaths.push(...acl.paths)
    const isLast = !words.takeIf('or') && !words.takeIf('||')
    if (isLast) break
  }
  if (proxy.prometheusPaths.length === 0) refuse('expected a path, such as: if { path /metrics }')
}

const httpRequest: Directives<ProxyDraft> = { 'use-service': readUseService }

/** `http-request use-service prometheus-exporter if { path /metrics }`, which is all there is of it. */
export const readHttpRequest: Reader<ProxyDraft> = group(
  httpRequest,
  "'use-service prometheus-exporter if { path /metrics }', the only rule of HTTP that is known here",
)
