import { readFileSync } from 'node:fs'
import { credentials, status } from '@grpc/grpc-js'
import { type CertificateAuthority, startCertificateAuthority, startGrpcServer, waitFor } from '@tourniquet/testkit'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { ask, clientOn } from './provider-client.ts'
import { roundRobin } from './servers.ts'

let authority: CertificateAuthority
beforeAll(async () => {
  authority = await startCertificateAuthority()
})
afterAll(() => authority[Symbol.dispose]())

async function server(name: string, options: { expired?: boolean; mutual?: boolean; hosts?: string[] } = {}) {
  const { expired = false, mutual = false, hosts = ['localhost'] } = options
  const files = await authority.issue({ name, expired, hosts })
  const tls = { ...files, ...(mutual && { ca: authority.ca }) }
  const started = await startGrpcServer({ name, tls })
  onTestFinished(() => started[Symbol.asyncDispose]())
  return started
}

const trusting = () => credentials.createSsl(readFileSync(authority.ca))

test('TLS, through a failover', async () => {
  const [A, B] = await Promise.all([server('A'), server('B')])
  const rr = roundRobin([A.target, B.target], { credentials: trusting() })
  const client = clientOn(rr.channel())
  expect((await ask(client, 'who')).provider).toBe('A')
  await A.kill()
  await waitFor(() => rr.current !== A.target, { what: 'the loss of A' })
  expect((await ask(client, 'who')).provider).toBe('B')
})

test('mTLS, through a failover', async () => {
  const [A, B] = await Promise.all([server('A', { mutual: true }), server('B', { mutual: true })])
  const own = await authority.issue({ name: 'client' })
  const mutual = credentials.createSsl(readFileSync(authority.ca), readFileSync(own.key), readFileSync(own.cert))
  const rr = roundRobin([A.target, B.target], { credentials: mutual })
  const client = clientOn(rr.channel())
  expect((await ask(client, 'who')).provider).toBe('A')
  await A.kill()
  await waitFor(() => rr.current !== A.target, { what: 'the loss of A' })
  expect((await ask(client, 'who')).provider).toBe('B')
})

test('a server whose certificate has expired is passed over, and named in attempts', async () => {
  const [A, B] = await Promise.all([server('A', { expired: true }), server('B')])
  const rr = roundRobin([A.target, B.target], { credentials: trusting() })
  const client = clientOn(rr.channel())
  expect((await ask(client, 'who')).provider).toBe('B')
  expect(String(rr.providers[0]?.lastError)).toContain('certificate has expired')
  await B.kill()
  await waitFor(() => rr.current === undefined, { what: 'the loss of B' })
  const error = await ask(client, 'who').catch((failure) => failure)
  expect(error).toMatchObject({ code: status.UNAVAILABLE, outcome: 'not-applied' })
  const attempts = error.cause.attempts.map((each: { provider: string; error: Error }) => [
    each.provider,
    /certificate has expired|ECONNREFUSED/.exec(each.error.message)?.[0],
  ])
  expect(attempts).toContainEqual([A.target, 'certificate has expired'])
  expect(attempts).toContainEqual([B.target, 'ECONNREFUSED'])
  expect(error.details).toContain('certificate has expired')
})

test('a client without a certificate that must have one: each server is asked, none for ever', async () => {
  const [A, B] = await Promise.all([server('A', { mutual: true }), server('B', { mutual: true })])
  const rr = roundRobin([A.target, B.target], { credentials: trusting() })
  const error = await ask(clientOn(rr.channel()), 'who').catch((failure) => failure)
  expect(error).toMatchObject({ code: status.UNAVAILABLE, outcome: 'not-applied' })
  expect(error.cause.attempts.length).toBe(3)
})

test('each source may have credentials and channel options of its own', async () => {
  const [A, B] = await Promise.all([server('A', { hosts: ['a.example'] }), server('B', { hosts: ['b.example'] })])
  const sources = [A, B].map(({ target, name }) => ({
    target,
    credentials: trusting(),
    channelOptions: { 'grpc.ssl_target_name_override': `${name.toLowerCase()}.example` },
  }))
  const rr = roundRobin(sources)
  const client = clientOn(rr.channel())
  expect((await ask(client, 'who')).provider).toBe('A')
  await A.kill()
  await waitFor(() => rr.current !== A.target, { what: 'the loss of A' })
  expect((await ask(client, 'who')).provider).toBe('B')
})
