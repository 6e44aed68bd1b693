import { expect, test } from 'vitest'
import { inListen, listen, read } from '../../test/config/reading.ts'

const inGlobal =
  `chroot /var/lib/haproxy|user haproxy|group haproxy|uid 5|gid 5|daemon|pidfile /run/x.pid|ulimit-n 65536|quiet
ca-base /etc/ssl|crt-base /etc/ssl|ssl-default-bind-ciphers HIGH|ssl-default-bind-options no-sslv3 no-tls-tickets
ssl-default-server-options ssl-min-ver TLSv1.2|ssl-dh-param-file /x|tune.ssl.default-dh-param 2048|tune.bufsize 32768
nbproc 1|cpu-map 1 0|master-worker|localpeer x|log-send-hostname|noepoll|no busy-polling|busy-polling
stats maxconn 10|stats bind-process 1|server-state-file /x|set-dumpable|unix-bind mode 600|maxpipes 4
stats socket /run/x expose-fd listeners|stats socket /run/x user haproxy|log stdout local0 info notice`.split(/[|\n]/)

test.each(inGlobal)('global: %s loads, with one warning of its line', (line) => {
  const text = `global\n  ${line}\n${inListen('')}`
  const { warnings } = read(text)
  expect(warnings).toHaveLength(1)
  const name = line.replace(/^no /, '').split(' ')[0]!
  expect(warnings[0]).toMatchObject({ severity: 'warning', file: 'test.cfg', line: 2 })
  expect(warnings[0]!.directive).toMatch(new RegExp(`^${name}`))
  expect(warnings[0]!.message).toMatch(/ignored/)
})

const inSection =
  `errorfile 503 /x|errorloc 503 http://x|option httpslog|option forwardfor except 10.0.0.0/8|option http-server-close
option httpclose|option http-keep-alive|no option http-server-close|option abortonclose|option splice-auto
option splice-request|option splice-response|option tcp-smart-accept|option tcp-smart-connect|no option tcp-smart-accept
option nolinger|option contstats|option socket-stats|option logasap|option prefer-last-server|option independent-streams
option log-separate-errors|option accept-invalid-http-request|timeout http-request 10s|timeout http-keep-alive 10s
timeout tarpit 5s|fullconn 100|cookie SRV insert|http-reuse safe|compression algo gzip|bind-process 1|grace 5
capture request header Host len 32|clitcpka-idle 5s|load-server-state-from-file global|email-alert mailers x
tcp-request inspect-delay 5s|retry-on all-retryable-errors|unique-id-header X|max-keep-alive-queue 5|option persist
hash-type consistent sdbm|server t 10.0.0.2:1 cookie x|server t 10.0.0.2:1 tfo|bind *:2 tfo|bind *:2 mss 1400
bind *:2 process 1|bind *:2 defer-accept|bind /run/x mode 660|http-check send-state|bind *:2 transparent
option tcp-check;tcp-check expect min-recv 4 string x|option httpchk;http-check expect status-code 5 string x`.split(
    /[|\n]/,
  )

test.each(inSection)('section: %s loads, with one warning of its line', (lines) => {
  const { warnings } = read(inListen(lines.replace(';', '\n')))
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toMatchObject({ severity: 'warning', file: 'test.cfg', line: lines.includes(';') ? 9 : 8 })
  expect(warnings[0]!.message).toMatch(/ignored/)
})

test('httplog is tcplog, with a warning', () => {
  expect(listen('option httplog').log).toEqual(listen('option tcplog').log)
  expect(read(inListen('option httplog')).warnings).toMatchObject([{ line: 8, directive: 'option httplog' }])
})

test.each<[string, string, number]>([
  ['backend b\n bind *:2', 'bind', 9],
  ['backend b\n maxconn 3', 'maxconn', 9],
  ['backend b\n default_backend other', 'default_backend', 9],
  ['frontend f\n bind *:2\n default_backend other\n balance source', 'balance', 11],
  ['frontend f\n bind *:2\n default_backend other\n default-server check', 'default-server', 11],
  ['frontend f\n default_backend other', 'frontend', 8],
  ['frontend f\n bind *:2', 'frontend', 8],
  ['listen m\n bind *:2', 'listen', 8],
])('what has no use where it stands warns: %j', (section, directive, line) => {
  expect(read(inListen(section)).warnings).toMatchObject([{ severity: 'warning', directive, line }])
})

test('missing time-outs warn, as in HAProxy', () => {
  const { warnings } = read('listen l\n bind *:1\n server s 10.0.0.1:1\n')
  expect(warnings).toMatchObject([
    { line: 1, message: "missing 'timeout client', 'timeout connect', 'timeout server': a dead peer is kept for ever" },
  ])
})

test('limits that do not fit warn', () => {
  const { warnings } = read(`global\n maxconn 10\n${inListen('maxconn 11\n server t 10.0.0.2:1 minconn 5 maxconn 4')}`)
  expect(warnings).toMatchObject([{ line: 7, message: expect.stringContaining('above the global') }, { line: 11 }])
})

test('the socket of a log daemon: its lines go to standard output, and a warning says so', () => {
  const { global, warnings } = read(`global\n  log /dev/log len 4096 daemon\n${inListen('')}`)
  expect(global.logs).toEqual([
    { to: { kind: 'stdout' }, format: 'short', length: 4096, facility: 'daemon', maxLevel: 7 },
  ])
  expect(warnings).toMatchObject([{ line: 2, directive: 'log' }])
  expect(warnings[0]!.message).toContain('the lines go to standard output')
})
