import { type Directives, ignored, refused } from './directive.ts'

/** What does nothing in a section of TCP, so that nobody misses it. */
export const ignoredInProxies: Directives<unknown> = {
  ...ignored('errorfile errorfiles errorloc errorloc302 errorloc303 http-error', 'there are no HTTP errors to send'),
  ...ignored('http-reuse max-keep-alive-queue http-send-name-header compression cookie capture', 'it is about HTTP'),
  ...ignored('unique-id-format unique-id-header max-session-srv-conns retry-on', 'it is about HTTP'),
  ...ignored('fullconn', "each server's maxconn counts as it is"),
  ...ignored('bind-process', 'there is one process'),
  ...ignored('grace', 'a stop lets sessions end (see hard-stop-after)'),
  ...ignored(
    'clitcpka-cnt clitcpka-idle clitcpka-intvl srvtcpka-cnt srvtcpka-idle srvtcpka-intvl',
    'the system decides',
  ),
  ...ignored('load-server-state-from-file server-state-file-name', 'servers begin as the file says'),
  ...ignored('email-alert', 'no mail is sent: watch the page, /metrics or the log'),
  ...ignored('log-format-sd error-log-format', 'there is one log line of each session'),
  ...ignored('hash-balance-factor hash-preserve-affinity', 'servers have their limits in maxconn'),
}

const ROUTED_BY_HTTP = 'it looks into HTTP, and this balances TCP: take it out'

/** What changes the outcome in ways that are not known here. */
export const refusedInProxies: Directives<unknown> = {
  ...refused('stick stick-table', "there are no stick tables: expected 'balance source', or 'balance failover'"),
  ...refused('http-response http-after-response redirect use-fcgi-app filter persist declare', ROUTED_BY_HTTP),
  ...refused('tcp-response', 'answers are passed on as they are: take it out'),
  ...refused('reqadd reqdel reqrep reqirep reqideny rspadd rspdel rsprep rspidel block', ROUTED_BY_HTTP),
  ...refused('dispatch', "expected 'server' lines"),
  ...refused('transparent', 'it is not known here: expected a backend with servers'),
  ...refused('source', "servers are reached from the machine's own address: take it out"),
  ...refused('external-check', 'programs are not run: expected another check, such as option httpchk or tcp-check'),
  ...refused('rate-limit', "rates are not limited here: expected 'maxconn'"),
  ...refused('monitor-net', "expected 'tcp-request connection reject if { src … }', or 'monitor-uri'"),
  ...refused('contimeout', "it is out of date: expected 'timeout connect'"),
  ...refused('clitimeout', "it is out of date: expected 'timeout client'"),
  ...refused('srvtimeout', "it is out of date: expected 'timeout server'"),
  ...refused('redispatch redisp', "it is out of date: expected 'option redispatch'"),
}
