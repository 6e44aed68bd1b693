import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { isScope, prometheus } from '../stats/prometheus.ts'
import { addressOf } from './http/address.ts'
import { answer, send } from './http/answers.ts'
import { statsPage } from './stats-page.ts'
import type { PageSection, Watched } from './watched.ts'

type Serve = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/**
 * What a section of `mode http` serves: `monitor-uri`, `/health`, the paths of `prometheus-exporter`, and the statistics
 * behind `stats uri`. Whatever else is asked for: 503, as HAProxy without a server. Use it with `httpServer`, which
 * keeps slow clients and long headers off.
 */
export function httpSection(section: PageSection, watched: Watched): RequestListener {
  const page = section.stats && statsPage(section.stats, watched)
  const serverOf = (request: IncomingMessage): Serve | undefined => {
    const uri = request.url ?? '/'
    const path = uri.split('?', 1)[0]!
    if (section.monitorUri === uri) return monitor
    if (path === '/health') return health
    if (section.prometheusPaths.includes(path)) return metrics
    if (section.stats && uri.startsWith(section.stats.uri) && isOf('GET HEAD POST', request)) return page
    return undefined
  }
  const monitor: Serve = (request, response) => {
    const client = { address: addressOf(request) }
    const fails = section.monitorFail !== undefined && watched.holds(section.monitorFail, client)
    answer(response, fails ? 503 : 200)
  }
  const health: Serve = (_request, response) => {
    if (watched.isStopping) send(response, 503, 'text/plain', 'stopping\n')
    else send(response, 200, 'text/plain', 'ok\n')
  }
  const metrics: Serve = (request, response) => {
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams
    const scopes = query.getAll('scope')
    if (!scopes.every(isScope)) return answer(response, 400)
    const text = prometheus(watched, { scopes, noMaint: query.has('no-maint') })
    return send(response, 200, 'text/plain; version=0.0.4', text)
  }
  return (request, response) => {
    const serve = serverOf(request)
    if (!serve) return answer(response, 503)
    void watched.started.then(() => serve(request, response)).catch(() => response.destroy())
  }
}

function isOf(methods: string, { method = '' }: IncomingMessage): boolean {
  return methods.split(' ').includes(method)
}
