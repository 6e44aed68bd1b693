import { expect, test } from 'vitest'
import { errorsOf, inListen, problemsOf } from '../../test/config/reading.ts'

/** In a section, on line 8: what is refused, and what the message says of it. */
const refused: [string, RegExp][] = [
  // What HAProxy knows, and we do not
  ['server t 10.0.0.2:1 ssl', /server: 'ssl': TLS to servers is not done/],
  ['server t 10.0.0.2:1 ssl verify none', /'ssl'/],
  ['server t 10.0.0.2:1 sni str(x)', /'sni'/],
  ['default-server ssl', /default-server: 'ssl'/],
  ['bind *:2 ssl crt /x', /bind: 'ssl': TLS is not terminated here/],
  ['bind *:2 crt /x', /'crt'/],
  ['bind *:2 interface eth0', /network device/],
  ['stick-table type ip size 1m', /no stick tables/],
  ['stick on src', /no stick tables/],
  ['tcp-request connection track-sc0 src', /no stick tables/],
  ['tcp-request connection expect-proxy layer4', /'accept-proxy' on the bind line/],
  ['tcp-request connection silent-drop', /expected 'reject'/],
  ['tcp-request content set-var(x) src', /expected 'accept' or 'reject'/],
  ['tcp-response content reject', /answers are passed on/],
  ['option external-check', /programs are not run/],
  ['external-check command /x', /programs are not run/],
  ['option ssl-hello-chk', /expected 'option tcp-check'/],
  ['option spop-check', /SPOE/],
  ['option transparent', /not known here/],
  ['filter trace', /looks into HTTP/],
  ['http-request deny', /the only rule of HTTP/],
  ['http-response set-header A b', /looks into HTTP/],
  ['redirect scheme https', /looks into HTTP/],
  ['balance uri', /looks into the request.*expected roundrobin/],
  ['balance url_param x', /looks into the request/],
  ['balance hdr(Host)', /looks into the request/],
  ['balance rdp-cookie(x)', /looks into the request/],
  ['use_backend %[src]', /expressions are not worked out/],
  ['acl x path_beg /a\n use_backend other if x', /^9.*only known to 'http-request use-service/],
  ['acl x hdr(host) a', /'hdr' looks into the request/],
  ['acl x req.ssl_sni a', /looks into the request/],
  ['acl x src,map(f) a', /converters are not known/],
  ['tcp-request content accept if HTTP', /looks into the request/],
  ['tcp-request content accept if WAIT_END', /looks into the request/],
  ['tcp-request content accept if { req_ssl_hello_type 1 }', /looks into the request/],
  ['server t 10.0.0.2:1 agent-check', /agent checks are not known/],
  ['server t 10.0.0.2:1 send-proxy-v2-ssl', /expected 'send-proxy-v2'/],
  ['server t 10.0.0.2:1 source 10.0.0.9', /not known here/],
  ['source 10.0.0.9', /machine's own address/],
  ['dispatch 10.0.0.2:1', /expected 'server' lines/],
  ['rate-limit sessions 5', /expected 'maxconn'/],
  ['mode http', /^7: server: 'mode http' with servers/],
  ['mode health', /'health' is not known here: expected 'tcp', 'http'/],
  ['contimeout 5', /expected 'timeout connect'/],
  ['clitimeout 5', /expected 'timeout client'/],
  ['srvtimeout 5', /expected 'timeout server'/],
  ['monitor-net 10.0.0.0/8', /monitor-uri/],
  ['log tcp@10.0.0.1:514 local0', /host:port \(UDP\)/],
  ['log ring@x local0', /is not supported/],
  ['tcp-check send-lf x', /expected 'send'/],
  ['tcp-check set-var(x) y', /unknown word/],
  ['http-check expect hdr name x', /'hdr' is not known here/],
  ['http-check send uri-lf /x', /expected 'uri'/],
  ['http-check send hdr A %[src]', /plain text/],
  ['stats http-request auth', /stats auth user:password/],
  ['stats socket /run/x', /'global' section/],
  // Sections
  ['peers p\n peer x 1.2.3.4:5', /peers: there are no stick tables/],
  ['userlist u\n user x insecure-password y', /userlist: it is for logging in by HTTP/],
  ['mailers m', /no mail/],
  ['cache c', /no HTTP to cache/],
  ['program p', /programs are not run/],
  ['ring r', /expected 'log'/],
  ['http-errors e', /no HTTP errors/],
  ['fcgi-app a', /no HTTP/],
]

test.each(refused)('%s', (lines, message) => {
  const errors = errorsOf(inListen(lines))
  expect(errors).toHaveLength(1)
  expect(errors[0]).toMatch(message)
  if (!/^\^\d/.test(message.source)) expect(errors[0]).toMatch(/^8: /)
})

test.each<[string, RegExp]>([
  ['nbproc 2', /there is one process/],
  ['external-check', /programs are not run/],
  ['lua-load /x', /Lua/],
  ['maxconnrate 5', /expected 'maxconn'/],
])('global: %s', (line, message) => {
  const errors = errorsOf(`global\n ${line}\n${inListen('')}`)
  expect(errors).toHaveLength(1)
  expect(errors[0]).toMatch(message)
  expect(errors[0]).toMatch(new RegExp(`^2: ${line.split(' ')[0]}: `))
})

test.each([
  'stats auth hunter2',
  'stats auth admin:x hunter2',
  'stats auth admin:hunter2\n stats nonsense',
  'tcp-check send AUTH hunter2',
  'tcp-check send AUTH comment x hunter2',
  'tcp-check send-binary hunter2',
  'http-check send hdr Authorization Basic hunter2',
  'http-check send hdr Authorization hunter2%[src]',
  'option httpchk GET / hunter2',
  String.raw`option httpchk GET / HTTP/1.0\r\nhunter2`,
  'userlist u\n user x password hunter2',
  'global\n setenv PASSWORD a hunter2',
])('%s is refused, and no message shows the password', (lines) => {
  const problems = problemsOf(inListen(lines))
  expect(problems).not.toEqual([])
  expect(JSON.stringify(problems)).not.toContain('hunter2')
})
