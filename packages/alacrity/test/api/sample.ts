import type { Global, ProxyConfig, ServerConfig, StatsConfig } from '../../src/config/model.ts'

const place = { file: 'sample.cfg', line: 1 }
const check = { interMs: 500, fastinterMs: 500, downinterMs: 500, fall: 3, rise: 2, tls: false }

export const sampleGlobal: Global = {
  maxconn: 2000,
  graceMs: 0,
  spreadChecks: 0,
  logs: [],
  statsSockets: [],
  statsTimeoutMs: 10_000,
  node: 'hnode',
}

export function server(name: string, port: number, more: Partial<ServerConfig> = {}): ServerConfig {
  return {
    name,
    id: 0,
    place,
    address: { host: '127.0.0.1', port },
    weight: 1,
    backup: false,
    disabled: false,
    maxconn: 0,
    minconn: 0,
    maxqueue: 0,
    slowstartMs: 0,
    initAddr: [],
    ...more,
  }
}

export function proxy(
  kind: ProxyConfig['kind'],
  name: string,
  id: number,
  more: Partial<ProxyConfig> = {},
): ProxyConfig {
  return {
    kind,
    name,
    id,
    place,
    mode: 'tcp',
    disabled: false,
    timeouts: {},
    log: { targets: [], format: { kind: 'default' }, dontlognull: false, dontlogNormal: false },
    clitcpka: false,
    srvtcpka: false,
    binds: kind === 'backend' ? [] : [{ at: { host: '127.0.0.1', port: 1 }, acceptProxy: false, v4v6: false, place }],
    connectionRules: [],
    contentRules: [],
    useBackend: [],
    balance: { algorithm: 'roundrobin' },
    hashType: 'map-based',
    useServer: [],
    retries: 3,
    allbackups: false,
    check: { kind: 'connect' },
    logHealthChecks: false,
    prometheusPaths: [],
    ...more,
    servers: (more.servers ?? []).map((each, index) => ({ ...each, id: index + 1 })),
  }
}

export function statsConfig(more: Partial<StatsConfig> = {}): StatsConfig {
  const hidden = { hideVersion: false, showLegends: false, showModules: false }
  return { uri: '/stats', realm: 'HAProxy Statistics', auth: [], ...hidden, ...more }
}

export const always: NonNullable<StatsConfig['admin']> = {
  negate: false,
  anyOf: [[{ negate: false, anyOf: [{ kind: 'always', value: true }] }]],
}

/** As `sampleText` says it. */
export const sampleProxies: readonly ProxyConfig[] = [
  proxy('listen', 'db', 2, {
    servers: [
      server('a', 17101, { weight: 10, check }),
      server('b', 17102, { maxconn: 5, maxqueue: 7, check }),
      server('c', 17103, { backup: true }),
    ],
  }),
  proxy('frontend', 'f1', 3, { maxconn: 100, defaultBackend: 'be' }),
  proxy('backend', 'be', 4, {
    balance: { algorithm: 'leastconn' },
    servers: [server('d', 17104, { disabled: true }), server('e', 17105)],
  }),
]

/** The same for HAProxy; its servers accept on the ports that are given. */
export function sampleText({ socket, a, b, listen, http }: Readonly<Record<string, string | number>>): string {
  return `global
  maxconn 2000
  node hnode
  stats socket ${socket} mode 600 level admin
  stats socket ${socket}.operator mode 600 level operator
  stats socket ${socket}.user mode 600 level user
defaults
  mode tcp
  timeout connect 2s
  timeout client 10s
  timeout server 10s
listen db
  bind 127.0.0.1:${listen}
  balance roundrobin
  server a 127.0.0.1:${a} check inter 500 weight 10
  server b 127.0.0.1:${b} check inter 500 maxconn 5 maxqueue 7
  server c 127.0.0.1:17103 backup
frontend f1
  bind unix@${socket}.f1
  maxconn 100
  default_backend be
backend be
  balance leastconn
  server d 127.0.0.1:17104 disabled
  server e 127.0.0.1:17105
frontend http
  mode http
  bind 127.0.0.1:${http}
  http-request use-service prometheus-exporter if { path /metrics }
  monitor-uri /alive
  stats enable
  stats uri /stats
  stats auth admin:secret
  stats realm Hello\\ World
  stats admin if TRUE
  stats refresh 5s
`
}
