import { checkWithHAProxy, freePort, startHAProxy } from '@tourniquet/testkit'
import { expect, test } from 'vitest'
import { splitLine } from '../../src/config/lex.ts'
import { errorsOf, inListen, listen, read } from './reading.ts'

/** The lines of which HAProxy says that they are wrong. */
async function linesOf(text: string): Promise<number[]> {
  const { valid, output } = await checkWithHAProxy(text)
  expect(valid, output).toBe(false)
  const lines = [...output.matchAll(/\[ALERT\].*?\[haproxy\.cfg:(\d+)\]/g)].map(([, line]) => Number(line))
  return [...new Set(lines)]
}

/** Wrong for both. Each is a line of its own, the first of them line 8. */
const wrong = String.raw`server a/b 10.0.0.2:1
server t 10.0.0.2:1 weight 257
server t 10.0.0.2:70000
server t 10.0.0.2:80-90
server t 10.0.0.2:1 chek
server t 10.0.0.2:1 inter 0
server t 10.0.0.2:1 inter
server t 10.0.0.2:1 rise 0
server t 10.0.0.2:1 fall 0
server t 10.0.0.2:1 on-marked-down foo
server t 10.0.0.2:1 observe layer7
server t 10.0.0.2:1 init-addr foo
server t 10.0.0.2:1 resolve-prefer x
server t 10.0.0.2:1 port
server-template t 3-1 10.0.0.2:1
server-template t x 10.0.0.2:1
balace roundrobin
balance foo
balance random(0)
balance random(x)
balance random(2
timeout conect 5s
timeout client 30x
timeout client
timeout client 25d
timeout client 5s 6s
timeout client 1.5s
option nonsense
option dontlognull x
option tcp-check x
option mysql-check user
option mysql-check foo
option pgsql-check
no option httpchk
no timeout client
retries
mode foo
bind 10.0.0.1
bind *:0
bind *:90-80
bind *:70000
bind *:2 nonsense
acl x src 1.2.3.4.5
acl x dst_port foo
acl x foo
acl a,b src 10.0.0.1
use_backend other foo
use_backend other if nope
use_backend other if { src 10.0.0.1
tcp-request connection foo
tcp-request content reject if nope
tcp-check send
tcp-check send-binary 0g
tcp-check expect foo bar
tcp-check expect string
tcp-check expect rstring (
http-check expect status x
http-check send foo
stats nonsense
stats uri
stats realm
stats admin
monitor-uri
monitor foo
default_backend
nonsense
server t "10.0.0.2:1
server t 'x
server t \x4
server t "$"
server t "\${X"
log stdout format raw
log stdout local0 loud`.split('\n')

test('lines that both refuse: the same ones, all of them', async () => {
  for (let at = 0; at < wrong.length; at += 20) {
    // HAProxy gives up after some 50
    const some = wrong.slice(at, at + 20)
    const text = inListen(some.join('\n'))
    const expected = some.map((_, index) => 8 + index)
    expect(errorsOf(text).map((error) => Number.parseInt(error, 10))).toEqual(expected)
    const theirs = await linesOf(text)
    expect(expected.filter((line) => !theirs.includes(line)).map((line) => some[line - 8])).toEqual([])
  }
})

/** Wrong for both, at a line of their own. */
const sections: [string, number][] = [
  ['server s 10.0.0.2:1\n server t 10.0.0.2:1 id 3\n server u 10.0.0.2:1 id 3', 10],
  ['listen l', 8],
  ['backend l', 8],
  ['frontend l', 8],
  ['listen m from nope', 8],
  ['listen', 8],
  ["listen 'l x'", 8],
  ['defaults\n bind *:2', 9],
  ['defaults\n server t 10.0.0.2:1', 9],
  ['defaults\n acl x src 10.0.0.1', 9],
  ['defaults\n tcp-request connection reject', 9],
  ['frontend f\n bind *:2\n server t 10.0.0.2:1', 10],
  ['resolvers r\n hold foo 5s', 9],
  ['resolvers r\n timeout foo 5s', 9],
  ['resolvers r\n nameserver x', 9],
  ['global\n nbthread 0', 9],
  ['global\n spread-checks 51', 9],
  ['global\n nbproc 2', 9],
  ['global\n log global', 9],
  ['global\n nonsense', 9],
  ['global\n stats socket /run/x mode 999', 9],
  ['server t 10.0.0.2:1 track nope/s', 8],
  ['server t 10.0.0.2:1 check\n server u 10.0.0.2:1 check track t', 9],
]

test.each(sections)('%j: both name line %i', async (lines, line) => {
  const text = inListen(lines)
  expect(errorsOf(text).map((error) => Number.parseInt(error, 10))).toContain(line)
  expect(await linesOf(text)).toContain(line)
})

/** Wrong for both, but HAProxy names no line. */
const unplaced: [string, number][] = [
  ['default_backend nope', 8],
  ['use_backend nope if TRUE', 8],
  ['use-server nope if TRUE', 8],
  ['listen m\n bind *:2\n default_backend m', 8],
  ['acl x nbsrv(nope) ge 1\n tcp-request connection reject if x', 8],
  ['tcp-request connection reject if { srv_is_up(l/nope) }', 8],
  ['server t 10.0.0.2 check', 8],
  ['server t 10.0.0.2:1 resolvers nope', 8],
  ['frontend f\n mode http\n bind *:2\n default_backend other', 8],
]

test.each(unplaced)('%j: both refuse', async (lines, line) => {
  const text = inListen(lines)
  expect(errorsOf(text).map((error) => Number.parseInt(error, 10))).toContain(line)
  expect(await checkWithHAProxy(text)).toMatchObject({ valid: false })
})

/** Fine for both. */
const right = `server t ::1:80
server t [::1]:80
server t ipv4@10.0.0.2:1 check inter 5s fastinter 1s downinter 9s rise 1 fall 9 slowstart 5s maxqueue 3
server t 10.0.0.2:+10
server t 10.0.0.2
server t unix@/run/x
server t /run/x send-proxy-v2 backup disabled
server t 10.0.0.2:1 check observe layer4 error-limit 3 on-error mark-down on-marked-up shutdown-backup-sessions
server t nowhere.invalid:1 init-addr last,libc,none
server-template t 3 10.0.0.2:1
bind *:2,[::1]:3,:5-6 name x accept-proxy backlog 5 maxconn 9
balance random(3)
hash-type consistent
acl x nbsrv(l) ge 1
acl x nbsrv(l) 1:3
acl x dst_port 80 8000:8010
acl x src -i -m ip 10.0.0.0/8 ::1
use_backend other if { srv_is_up(l/s) } or !TRUE || { dst_port gt 80 }
use-server s unless { src 10.0.0.1 }
tcp-request connection accept if LOCALHOST
tcp-request session reject unless { always_true }
option redispatch 3
no option dontlognull
timeout client-fin 5s
option httpchk GET / HTTP/1.1
http-check expect ! status 200-299,400
tcp-check expect ! rstring ^x
option smtpchk HELO x
log stdout len 200 format raw local0 info
description x y`.split('\n')

test.each(right)('both take: %s', async (line) => {
  expect(listen(line).name).toBe('l')
  const { valid, output } = await checkWithHAProxy(inListen(line))
  expect(valid, output).toBe(true)
})

test('lines are split into the same words', async () => {
  const lines = String.raw`a\ b|a\#b c|a\\b|a\nb|a\tb|\x41b|a\qb|'a\x41$X'|"a\x41$X"|"a\qb\"\$"|'a"b'"c'd"|a#b|"a#b"|$X|"<\${X}>"|x"\${X[*]}"y|"\${NO-d}"|a\"b|"$NO"z`
  const all = lines.replaceAll('\\${', '${').split('|')
  const env = { X: 'one two' }
  const text = `${all.map((line) => `  ${line}`).join('\n')}\n`
  const { output } = await checkWithHAProxy(`listen l\n${text}`.replaceAll('$X', '$PATH').replaceAll('${X', '${PATH'))
  const { PATH = '' } = process.env
  for (const [index, line] of all.entries()) {
    const [ours] = splitLine(line.replaceAll('$X', '$PATH').replaceAll('${X', '${PATH'), { ...env, PATH })
    expect(output).toContain(`[haproxy.cfg:${index + 2}] : unknown keyword '${ours}'`)
  }
})

test.each(['', 'global\n  stats socket /run/none/x\n'])(
  'sections and servers have the same numbers: %j',
  async (global) => {
    const port = await freePort()
    const text = `${global.replace('/run/none/x', './x.sock')}defaults
  timeout connect 5s\n  timeout client 5s\n  timeout server 5s
listen page\n  mode http\n  bind 127.0.0.1:${port}\n  stats enable\n  stats uri /s
listen a\n  server x 127.0.0.1:1 id 3\n  server y 127.0.0.1:1\n  server-template t 1-3 127.0.0.1:1
frontend b\nbackend c\n  id 9\n  server x 127.0.0.1:1 id 9\nbackend d\nbackend e\n  id 2\n  server z 127.0.0.1:1\n`
    const config = text.replace('./x.sock', 'unix@./x.sock')
    await using haproxy = await startHAProxy({ config })
    const csv = await (await fetch(`http://127.0.0.1:${haproxy.port}/s;csv`)).text()
    const theirs = csv.split('\n').map((row) => row.split(','))
    const { proxies } = read(config)
    for (const { name, id, servers } of proxies) {
      expect(theirs.filter(([px]) => px === name).map((row) => row[27])).toContain(String(id))
      for (const server of servers) {
        const row = theirs.find(([px, sv]) => px === name && sv === server.name)
        expect([server.name, row?.[27], row?.[28]]).toEqual([server.name, String(id), String(server.id)])
      }
    }
  },
)
