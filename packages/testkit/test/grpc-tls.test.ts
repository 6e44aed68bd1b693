import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ChannelCredentials, credentials, status } from '@grpc/grpc-js'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type GrpcServer, startGrpcServer } from '../src/index.ts'
import { findProgram } from '../src/install/find-program.ts'
import { needProgram } from '../src/install/need-program.ts'
import { connectGrpc } from './grpc-client.ts'

const folder = mkdtempSync(join(tmpdir(), 'testkit-test-'))
const cert = join(folder, 'cert.pem')
const key = join(folder, 'key.pem')

beforeAll(async () => {
  const find = () => findProgram('openssl')
  const openssl = await needProgram({ program: 'openssl', find, debian: { name: 'openssl' }, brew: 'openssl' })
  const kind = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -x509 -days 1 -subj /CN=localhost'
  const names = 'subjectAltName=DNS:localhost'
  execFileSync(openssl, ['req', ...kind.split(' '), '-addext', names, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  })
})
afterAll(() => rmSync(folder, { recursive: true }))

async function who(server: GrpcServer, how: ChannelCredentials): Promise<unknown> {
  const { provider, close } = connectGrpc(`localhost:${server.port}`, how)
  onTestFinished(close)
  return await provider.unary('Who')
}

test('serves TLS, and nothing else', async () => {
  await using server = await startGrpcServer({ name: 'A', tls: { cert, key } })
  expect(await who(server, credentials.createSsl(readFileSync(cert)))).toMatchObject({ provider: 'A' })
  await expect(who(server, credentials.createInsecure())).rejects.toMatchObject({ code: status.UNAVAILABLE })
})

test('with a ca, clients must show their certificate', async () => {
  await using server = await startGrpcServer({ name: 'A', tls: { cert, key, ca: cert } })
  const own = credentials.createSsl(readFileSync(cert), readFileSync(key), readFileSync(cert))
  expect(await who(server, own)).toMatchObject({ provider: 'A' })
  await expect(who(server, credentials.createSsl(readFileSync(cert)))).rejects.toMatchObject({
    code: status.UNAVAILABLE,
  })
})

test('files that are not there fail the start', async () => {
  const started = startGrpcServer({ tls: { cert: join(folder, 'nothing.pem'), key } })
  await expect(started).rejects.toThrow(/^grpc-server did not start: it exited with exit code 1\n.*ENOENT/s)
})
