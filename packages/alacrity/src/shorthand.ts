/** A balancer in one line: what most need, and what it is short for is a `haproxy.cfg`. */
export interface Shorthand {
  /** `host:port` to listen on: `0.0.0.0:5432`, `[::]:5432`, or only `:5432`. */
  readonly listen: string
  /** `host:port` of each server, at least one. The words of a `server` line may follow: `10.0.0.2:5432 backup`. */
  readonly servers: readonly string[]
  /** Default `roundrobin`. */
  readonly balance?: string
  /** Checks that each server takes connections, every 2 s. Default true. */
  readonly check?: boolean
  /** `host:port` of the page, `/metrics` and `/health`. Default: none. */
  readonly stats?: string
  /** To connect to a server, in milliseconds. Default 5,000. */
  readonly connectTimeoutMs?: number
  /** After which a connection that nothing goes over is ended, in milliseconds. Default 1 hour. */
  readonly idleTimeoutMs?: number
}

/**
 * The configuration that a shorthand is short for.
 *
 * @throws TypeError that names the option, where one is missing or would be more than one word of the configuration
 */
export function configurationFor(shorthand: Shorthand): string {
  const { listen, servers, balance = 'roundrobin', check = true, stats } = shorthand
  const { connectTimeoutMs = 5_000, idleTimeoutMs = 3_600_000 } = shorthand
  if (!Array.isArray(servers) || servers.length === 0)
    throw new TypeError('servers: at least one host:port was expected')
  return `defaults
  mode tcp
  timeout connect ${connectTimeoutMs}ms
  timeout client ${idleTimeoutMs}ms
  timeout server ${idleTimeoutMs}ms
  option redispatch
${check ? '  default-server check\n' : ''}
listen tcp
  bind ${word('listen', listen)}
  balance ${word('balance', balance)}
${servers.map((server, at) => `  server s${at + 1} ${line('servers', server)}\n`).join('')}${stats === undefined ? '' : pageAt(stats)}`
}

function pageAt(address: string): string {
  return `
frontend stats
  mode http
  bind ${word('stats', address)}
  stats enable
  stats uri /
  stats refresh 2s
  http-request use-service prometheus-exporter if { path /metrics }
`
}

function word(option: string, value: string): string {
  if (typeof value === 'string' && /^[^\s#"'\\]+$/.test(value)) return value
  throw new TypeError(`${option}: ${JSON.stringify(value)} is not one word`)
}

function line(option: string, value: string): string {
  if (/^[^\r\n#]+$/.test(value)) return value
  throw new TypeError(`${option}: ${JSON.stringify(value)} is not one line`)
}
