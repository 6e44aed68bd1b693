import type { LineServer } from '@tourniquet/testkit'

export const BACKEND = 'work'

export interface Ports {
  readonly work: number
  readonly statistics: number
}

/** An ordinary `haproxy.cfg`, with these servers. */
export function configurationOf({ work, statistics }: Ports, servers: readonly LineServer[]): string {
  return `defaults
  mode tcp
  timeout connect 1s
  timeout client 1m
  timeout server 1m
  # Whose server refuses is sent to another one at once.
  option redispatch 1
  default-server check inter 100ms fall 2 rise 1

listen ${BACKEND}
  bind 127.0.0.1:${work}
  balance leastconn
${servers.map(({ name, host, port }) => `  server ${name} ${host}:${port}\n`).join('')}
frontend statistics
  mode http
  bind 127.0.0.1:${statistics}
  stats enable
  stats uri /
  stats admin if TRUE
`
}
