import { createHmac, randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { StatsConfig } from '../config/model.ts'
import { csv } from '../stats/csv.ts'
import { statJson } from '../stats/json.ts'
import { pageHeaders, pageHtml } from '../stats/page/html.ts'
import { live } from '../stats/page/live.ts'
import { type Selection, select } from '../stats/select.ts'
import { addressOf } from './http/address.ts'
import { answer, send } from './http/answers.ts'
import { isKnownUser, isSame } from './http/basic-auth.ts'
import { BodyTooLarge, bodyOf } from './http/body.ts'
import { isSameOrigin } from './http/same-origin.ts'
import { act, type Outcome } from './page-actions.ts'
import type { Watched } from './watched.ts'

// What a page of another site cannot know: without a token of it nothing is changed. The token of a section lasts as long
// as the process, so that an open page survives a reload.
const secret = randomBytes(32)

/** What is behind `stats uri`: the page, `;csv`, `;json`, what the page itself asks for (`;live`), and its buttons. */
export function statsPage(
  stats: StatsConfig,
  watched: Watched,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const token = createHmac('sha256', secret).update(stats.uri).digest('base64url')
  const isAdmin = (request: IncomingMessage): boolean =>
    stats.admin !== undefined && watched.holds(stats.admin, { address: addressOf(request) })

  const show = (request: IncomingMessage, response: ServerResponse): void => {
    const options = (request.url ?? '').slice(stats.uri.length)
    const rows = () => select(watched.rows(), selectionOf(options))
    const refresh = refreshOf(stats, options)
    if (options.includes(';csv')) send(response, 200, 'text/plain', csv(rows()), refresh)
    else if (options.includes(';json')) send(response, 200, 'application/json', statJson(rows()), refresh)
    else if (options.includes(';live')) {
      const data = live(watched, stats, isAdmin(request) ? token : undefined)
      send(response, 200, 'application/json', JSON.stringify(data), { 'cache-control': 'no-store' })
    } else send(response, 200, 'text/html; charset=utf-8', pageHtml, pageHeaders)
  }
  const change = async (request: IncomingMessage): Promise<Outcome> => {
    const form = new URLSearchParams(await bodyOf(request))
    const isAllowed = isAdmin(request) && isSameOrigin(request) && isSame(form.get('token') ?? '', token)
    return isAllowed ? await act(watched, form) : 'DENY'
  }
  return async (request, response) => {
    if (stats.auth.length > 0 && !isKnownUser(request, stats.auth)) {
      return answer(response, 401, { 'www-authenticate': `Basic realm="${stats.realm.replaceAll('"', '\\"')}"` })
    }
    if (request.method !== 'POST') return show(request, response)
    try {
      tell(request, response, stats.uri, await change(request))
    } catch (error) {
      if (!(error instanceof BodyTooLarge)) throw error
      answer(response, 413, { connection: 'close' })
    }
  }
}

/** The page's script is told in JSON; a form is sent back to the page, as HAProxy does. */
function tell(request: IncomingMessage, response: ServerResponse, uri: string, outcome: Outcome): void {
  if (request.headers.accept !== 'application/json') {
    send(response, 303, 'text/plain', '', { location: `${uri};st=${outcome}` })
    return
  }
  const status = outcome === 'DENY' ? 403 : outcome === 'ERRP' ? 400 : 200
  send(response, status, 'application/json', JSON.stringify({ outcome }))
}

function selectionOf(options: string): Selection {
  const [, scope = ''] = /[;?&]scope=([^;&?]*)/.exec(options) ?? []
  return { up: options.includes(';up'), noMaint: options.includes(';no-maint'), scope: decoded(scope) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function refreshOf({ refreshMs }: StatsConfig, options: string): Record<string, string> {
  if (refreshMs === undefined || options.includes(';norefresh')) return {}
  return { refresh: String(Math.ceil(refreshMs / 1000)) }
}
