import { CallCredentials, Metadata } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import { ask, clientOn, follow } from './calls.ts'
import { type Handlers, moment, reply, serve } from './local-server.ts'
import { subjects } from './subjects.ts'
import { twoServers } from './two-servers.ts'

/** Credentials with another token each time. */
function tokens(make: (count: number) => string | Error = (count) => `token ${count}`) {
  const services: string[] = []
  const credentials = CallCredentials.createFromMetadataGenerator(({ service_url }, callback) => {
    services.push(service_url)
    const token = make(services.length)
    const metadata = new Metadata()
    if (token instanceof Error) return callback(token)
    metadata.set('authorization', token)
    callback(null, metadata)
  })
  return { credentials, services }
}

const echoing: Handlers = {
  Who: (call, callback) => callback(null, reply({ text: call.metadata.get('authorization').join() })),
  Count: (call) => {
    call.write(reply({ text: call.metadata.get('authorization').join() }))
    call.end()
  },
}

describe.each(subjects)('call credentials on $name', ({ open }) => {
  it('the generator runs once per call, and the server gets what it made', async () => {
    await using server = await serve(echoing)
    await using opened = open(server.target)
    const client = clientOn(opened.channel)
    const { credentials, services } = tokens()
    const replies = [
      await ask(client, 'who', {}, { credentials }),
      await follow(client.count({}, new Metadata(), { credentials })).ended,
    ]
    expect(replies.map(({ messages }) => messages[0]?.text)).toEqual(['token 1', 'token 2'])
    expect(services).toHaveLength(2)
    expect(services[0]).toMatch(/\/tourniquet\.testkit\.Provider$/)
  })

  it('a generator that fails ends its call, which reaches no server', async () => {
    let calls = 0
    await using server = await serve({ Who: (_call, callback) => callback(null, reply({ number: ++calls })) })
    await using opened = open(server.target)
    const { credentials } = tokens(() => new Error('no token today'))
    const { error } = await ask(clientOn(opened.channel), 'who', {}, { credentials })
    expect(error?.details).toBe('Getting metadata from plugin failed with error: no token today')
    expect(calls).toBe(0)
  })
})

describe('call credentials on rr.channel(), over two servers', () => {
  it('the generator runs once per attempt: the next provider gets a fresh token', async () => {
    const arrived = moment<string>()
    const a: Handlers = { Who: (call) => arrived.reach(call.metadata.get('authorization').join()) }
    await using servers = await twoServers(a, echoing, { idempotent: true })
    const { credentials, services } = tokens()
    const call = ask(clientOn(servers.channel), 'who', {}, { credentials })
    expect(await arrived.reached).toBe('token 1')
    await servers.proxyA.reset()
    expect((await call).messages[0]?.text).toBe('token 2')
    expect(services).toHaveLength(2)
  })

  it('a generator that fails is not the fault of a provider: it runs once', async () => {
    await using servers = await twoServers(echoing, echoing, { idempotent: true })
    const { credentials, services } = tokens(() => new Error('no token today'))
    const { error } = await ask(clientOn(servers.channel), 'who', {}, { credentials })
    expect(error?.details).toMatch(/no token today$/)
    expect(services).toHaveLength(1)
    expect(servers.rr.current).toBe(servers.rr.providers[0]?.source)
  })
})
