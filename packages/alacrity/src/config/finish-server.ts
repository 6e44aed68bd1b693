import type { ServerCheck, ServerConfig } from './model.ts'
import type { ProxyDraft } from './proxy-draft.ts'
import type { ServerDraft, ServerSettings } from './server-draft.ts'

const INTER_MS = 2000
const FALL = 3
const RISE = 2

/** A server with every default filled in. */
export function finishServer(draft: ServerDraft, id: number, proxy: ProxyDraft): ServerConfig {
  const { name, place, address, portOffset, settings, template } = draft
  const { config, checked, observed, observe } = settings
  return {
    ...{ name, id, place, address },
    ...(portOffset !== undefined && { portOffset }),
    ...config,
    ...trackOf(config, proxy),
    ...(checked && { check: finishCheck(settings, proxy) }),
    ...(observed && { observe }),
    ...(template !== undefined && { template }),
  }
}

/** A server's name alone is one of its own backend. */
function trackOf({ track }: ServerSettings['config'], { name }: ProxyDraft): Pick<ServerConfig, 'track'> {
  return track === undefined ? {} : { track: { backend: track.backend || name, server: track.server } }
}

function finishCheck(settings: ServerSettings, { settings: { check: method } }: ProxyDraft): ServerCheck {
  const { interMs = INTER_MS, fastinterMs = interMs, downinterMs = interMs, ...rest } = settings.check
  const sendProxy = checkSendsProxy(settings)
  return {
    ...{ interMs, fastinterMs, downinterMs, fall: FALL, rise: RISE, tls: false },
    ...rest,
    ...(sendProxy !== undefined && { sendProxy }),
    ...(method.method.kind === 'http' && method.httpConnect),
  }
}

/** As in HAProxy: what goes to another address or port has no PROXY header, unless it is asked for. */
function checkSendsProxy({ checkSendProxy, config, check }: ServerSettings): 1 | 2 | undefined {
  if (checkSendProxy) return config.sendProxy ?? 1
  return check.host === undefined && check.port === undefined ? config.sendProxy : undefined
}
