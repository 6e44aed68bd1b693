import { type Channel, credentials, status } from '@grpc/grpc-js'
import { type GrpcServer, startGrpcServer, startProxy } from '@tourniquet/testkit'
import { createClient } from 'nice-grpc'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { GrpcRoundRobin, type Idempotent, idempotentMethods } from '../../src/index.ts'
import { ask, clientOn } from './calls.ts'
import { type Loaded, LoadedProvider, TsProtoProvider } from './described.ts'

let a: GrpcServer
let b: GrpcServer
let count = 0
let id: string

beforeAll(async () => {
  a = await startGrpcServer({ name: 'server-a' })
  b = await startGrpcServer({ name: 'server-b' })
})
afterAll(async () => {
  await a[Symbol.asyncDispose]()
  await b[Symbol.asyncDispose]()
})
beforeEach(() => {
  id = `order-${++count}`
})

/** Two servers, of which the first loses its next reply. */
async function losingOne(idempotent?: Idempotent) {
  const proxy = await startProxy(a)
  await proxy.dropReply('server-a')
  const sources = [`127.0.0.1:${proxy.port}`, b.target]
  const rr = new GrpcRoundRobin(sources, { credentials: credentials.createInsecure(), idempotent })
  return {
    rr,
    async [Symbol.asyncDispose]() {
      await rr.close({ drainMs: 0 })
      await proxy.close()
    },
  }
}

const executed = async () => {
  const all = [...(await a.ledger()), ...(await b.ledger())]
  return all.filter((each) => each === id).length
}

const byProtoLoader = {
  how: 'rr.client of one by proto-loader',
  idempotent: undefined,
  client: (rr: GrpcRoundRobin) => rr.client(LoadedProvider) as unknown as Loaded,
}
const told = [
  ['idempotentMethods of one by proto-loader', idempotentMethods(LoadedProvider.service)],
  ['idempotentMethods of one by ts-proto', idempotentMethods(TsProtoProvider)],
  ['a function of the path', (path: string) => path === '/tourniquet.testkit.Provider/Who'],
] as const
const ways = [
  byProtoLoader,
  ...told.map(([how, idempotent]) => ({
    how,
    idempotent: idempotent as Idempotent,
    client: (rr: GrpcRoundRobin) => clientOn(rr.channel()),
  })),
]

describe.each(ways)('$how', ({ idempotent, client }) => {
  it('a method that says so, whose reply is lost, is sent again', async () => {
    await using servers = await losingOne(idempotent)
    expect((await ask(client(servers.rr), 'who')).messages).toMatchObject([{ provider: 'server-b' }])
  })

  it('a method that does not, whose reply is lost, is not', async () => {
    await using servers = await losingOne(idempotent)
    const { error } = await ask(client(servers.rr), 'exec', { text: id })
    expect(error).toMatchObject({ code: status.UNAVAILABLE, outcome: 'unknown' })
    expect(await executed()).toBe(1)
  })
})

describe('nice-grpc on a channel with idempotentMethods', () => {
  const make = (channel: Channel) => createClient(TsProtoProvider, channel)

  it('a method that says so, whose reply is lost, is sent again', async () => {
    await using servers = await losingOne(idempotentMethods(TsProtoProvider))
    expect(await make(servers.rr.channel()).who({})).toMatchObject({ provider: 'server-b' })
  })

  it('a method that does not, whose reply is lost, is not', async () => {
    await using servers = await losingOne(idempotentMethods(TsProtoProvider))
    await expect(make(servers.rr.channel()).exec({ text: id })).rejects.toMatchObject({ code: status.UNAVAILABLE })
    expect(await executed()).toBe(1)
  })
})

describe('idempotent', () => {
  it('true: every method whose reply is lost is sent again', async () => {
    await using servers = await losingOne(true)
    const { messages } = await ask(clientOn(servers.rr.channel()), 'exec', { text: id })
    expect(messages).toMatchObject([{ provider: 'server-b', text: id }])
    expect(await executed()).toBe(2)
  })

  it('left out: no method is, unless a client says so', async () => {
    await using servers = await losingOne()
    expect((await ask(clientOn(servers.rr.channel()), 'who')).error).toMatchObject({ outcome: 'unknown' })
  })
})
