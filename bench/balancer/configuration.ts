import { freePort } from '@tourniquet/testkit'

/** What runs behind the balancers. */
export type Origin = 'web' | 'bulk' | 'redis' | 'postgres'
export type Ports = Readonly<Record<Origin, number>>

/** What all balancers are told, as people would write it: time-outs, two servers that are taken in turn. */
export async function withPorts(origins: Ports): Promise<{ text: string; ports: Ports }> {
  const ports = { web: await freePort(), bulk: await freePort(), redis: await freePort(), postgres: await freePort() }
  const sections = (Object.keys(ports) as Origin[]).map((name) => section(name, ports[name], origins[name]))
  return { text: [head, ...sections].join('\n'), ports }
}

const head = `global
  nbthread 1
  maxconn 8000
  hard-stop-after 1s
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
`

function section(name: Origin, port: number, origin: number): string {
  return `listen ${name}
  bind 127.0.0.1:${port}
  balance roundrobin
  server a 127.0.0.1:${origin}
  server b 127.0.0.1:${origin}
`
}

/** An HAProxy that is a web server: short answers on one port, a megabyte on the other. */
export function originText(web: number, bulk: number, body: string): string {
  return `global
  nbthread 1
  maxconn 9000
  tune.bufsize 1100000
defaults
  mode http
  timeout client 120s
  timeout http-request 120s
frontend web
  bind 127.0.0.1:${web}
  http-request return status 200 content-type text/plain string "what a short answer is like"
frontend bulk
  bind 127.0.0.1:${bulk}
  http-request return status 200 content-type text/plain file ${body}
`
}
