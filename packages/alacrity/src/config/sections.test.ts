// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are HAProxy's variables
import { expect, test } from 'vitest'
import { errorsOf, inListen, read } from '../../test/config/reading.ts'
import { ConfigurationError, formatProblem } from './errors.ts'
import { readConfiguration } from './read.ts'

const section = 'listen l\n bind *:1\n server s 10.0.0.1:1\n'

test('a section inherits from the defaults above it, and changes them only for itself', () => {
  const text = `defaults\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n retries 7\n${section}
  timeout client 9s\n retries 8\nlisten m\n bind *:2\n server s 10.0.0.1:1\ndefaults\n timeout connect 2s
  timeout client 2s\n timeout server 2s\nlisten n\n bind *:3\n server s 10.0.0.1:1\n`
  const { proxies } = read(text)
  expect(proxies.map(({ timeouts, retries }) => [timeouts.connect, timeouts.client, retries])).toEqual([
    [1000, 9000, 8],
    [1000, 1000, 7],
    [2000, 2000, 3],
  ])
})

test('defaults with a name', () => {
  const text = `defaults a\n retries 1\n acl x src 10.0.0.1\n tcp-request connection reject if x
defaults b from a\n backlog 5\ndefaults\nlisten m from b\n bind *:1\n tcp-request connection accept if x\nlisten n\n bind *:2`
  const [m, n] = read(text).proxies
  expect([m!.retries, m!.backlog, m!.connectionRules.map(({ action }) => action)]).toEqual([1, 5, ['reject', 'accept']])
  expect([n!.retries, n!.backlog, n!.connectionRules]).toEqual([3, undefined, []])
})

test('mode http in defaults is fine where sections say mode tcp', () => {
  const text = `defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n`
  expect(read(`${text}${section} mode tcp`).proxies[0]!.mode).toBe('tcp')
  expect(errorsOf(`${text}${section}`)).toMatchObject([expect.stringMatching(/^8: server: 'mode http' with servers/)])
})

test('a frontend has nothing of a backend, a backend nothing of a frontend', () => {
  const text = `defaults\n timeout connect 1\n timeout client 1\n timeout server 1\n maxconn 5\n balance source\n option ldap-check
frontend f\n bind *:1\n default_backend b\nbackend b\n server s 10.0.0.1:1\n`
  const [f, b] = read(text).proxies
  expect([f!.kind, f!.maxconn, f!.defaultBackend, f!.check]).toEqual(['frontend', 5, 'b', { kind: 'connect' }])
  expect([b!.kind, b!.maxconn, b!.binds, b!.check]).toEqual(['backend', undefined, [], { kind: 'ldap' }])
})

test('the numbers of sections', () => {
  const sections = ['a', 'b\n id 4', 'c', 'd', 'e\n id 1']
    .map((lines, n) => `listen ${lines}\n bind *:${n + 1}\n`)
    .join('')
  expect(read(sections).proxies.map(({ id }) => id)).toEqual([2, 4, 5, 6, 1])
  const withSocket = `global\n stats socket /run/x\n${section}`
  expect([read(section).proxies[0]!.id, read(withSocket).proxies[0]!.id]).toEqual([1, 2])
})

test('resolvers', () => {
  const { resolvers } =
    read(`${section}resolvers r\n nameserver a 10.0.0.1:53\n nameserver b udp@[::1]:5353\n parse-resolv-conf
  resolve_retries 5\n timeout resolve 2s\n timeout retry 500\n hold valid 1m\n hold obsolete 5s\nresolvers s\n`)
  expect(resolvers).toEqual([
    {
      name: 'r',
      place: { file: 'test.cfg', line: 4 },
      nameservers: [
        { host: '10.0.0.1', port: 53 },
        { host: '::1', port: 5353 },
      ],
      parseResolvConf: true,
      retries: 5,
      timeoutResolveMs: 2000,
      timeoutRetryMs: 500,
      holdValidMs: 60_000,
      holdObsoleteMs: 5000,
    },
    expect.objectContaining({ name: 's', retries: 3, timeoutResolveMs: 1000, holdValidMs: 10_000, holdObsoleteMs: 0 }),
  ])
})

test('all problems are told, in the order of the file', () => {
  const text = inListen(
    ' nonsense\n default_backend nope\n balance foo\n option httplog\nuserlist u\n user x\nbackend c\n retries x',
  )
  const problems = catchProblems(text)
  expect(problems.problems.map(({ line, severity }) => `${line} ${severity}`)).toEqual([
    '8 error',
    '9 error',
    '10 error',
    '11 warning',
    '12 error',
    '15 error',
  ])
  expect(problems.code).toBe('ERR_ALACRITY_CONFIG')
  const lines = problems.message.split('\n')
  expect(lines).toHaveLength(5)
  expect(lines[2]).toMatch(/^test.cfg:10: balance: unknown algorithm 'foo': expected roundrobin/)
  expect(problems.problems.map(formatProblem)[3]).toMatch(/^test.cfg:11: warning: option httplog: /)
})

function catchProblems(text: string): ConfigurationError {
  try {
    read(text)
  } catch (error) {
    if (error instanceof ConfigurationError) return error
  }
  throw new Error('it loads')
}

test('Windows line ends, no line end, a mark at the beginning', () => {
  const text = inListen('retries 9')
  expect(read(text.replaceAll('\n', '\r\n')).proxies[0]).toEqual(read(text).proxies[0])
  expect(read(text.trimEnd()).proxies[0]).toEqual(read(text).proxies[0])
  expect(read(`\uFEFF${text}`).proxies[0]).toEqual(read(text).proxies[0])
})

test('variables come from the environment', () => {
  const text = inListen('server t "$HOST:${PORT-5432}"')
  const { address } = readConfiguration(text, { file: 'x', env: { HOST: '10.0.0.9' } }).proxies[0]!.servers[1]!
  expect(address).toEqual({ host: '10.0.0.9', port: 5432 })
})
