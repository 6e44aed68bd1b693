import {
  InterceptingCall,
  type Interceptor,
  type InterceptorOptions,
  Metadata,
  type NextCall,
  status,
} from '@grpc/grpc-js'
import { startProxy, waitFor } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'
import { ask, clientOn, collect, follow, numbers, texts, upTo } from './calls.ts'
import { type Handlers, moment, reply, serve } from './local-server.ts'
import { subjects } from './subjects.ts'
import { twoServers } from './two-servers.ts'

/** Notes everything that passes it. */
function noting(): { notes: string[]; interceptor: Interceptor } {
  const notes: string[] = []
  const interceptor = (options: InterceptorOptions, nextCall: NextCall) => {
    notes.push('call')
    return new InterceptingCall(nextCall(options), {
      start: (metadata, _listener, next) => {
        notes.push('start')
        next(metadata, {
          onReceiveMetadata: (metadata, next) => {
            notes.push('metadata')
            next(metadata)
          },
          onReceiveMessage: (message, next) => {
            notes.push(message === null ? 'no more' : 'reply')
            next(message)
          },
          onReceiveStatus: (status, next) => {
            notes.push(`status ${status.code}`)
            next(status)
          },
        })
      },
      sendMessage: (message, next) => {
        notes.push('message')
        next(message)
      },
      halfClose: (next) => {
        notes.push('end')
        next()
      },
    })
  }
  return { notes, interceptor }
}

/** Holds the start of each call back until it is let go. */
function holding(): { interceptor: Interceptor; held: Promise<() => void> } {
  const { reached: held, reach } = moment<() => void>()
  const interceptor = (options: InterceptorOptions, nextCall: NextCall) =>
    new InterceptingCall(nextCall(options), {
      start: (metadata, listener, next) => reach(() => next(metadata, listener)),
    })
  return { interceptor, held }
}

const obliging: Handlers = {
  Who: (call, callback) => callback(null, reply({ text: call.metadata.get('tag').join() })),
  Exec: (call, callback) => callback(null, reply({ text: call.request.text ?? '' })),
  Count: (call) => {
    for (const number of upTo(call.request.number ?? 0)) call.write(reply({ number }))
    call.end()
  },
  Collect: (call, callback) => {
    const heard: string[] = []
    call.on('data', ({ text }) => heard.push(text))
    call.on('end', () => callback(null, reply({ text: heard.join() })))
  },
}

describe.each(subjects)('interceptors on $name', ({ open }) => {
  it('each sees every part of a unary call once', async () => {
    await using server = await serve(obliging)
    await using opened = open(server.target)
    const { notes, interceptor } = noting()
    await ask(clientOn(opened.channel, { interceptors: [interceptor] }), 'who')
    expect(notes.filter((note) => note !== 'no more')).toEqual([
      'call',
      'start',
      'message',
      'end',
      'metadata',
      'reply',
      'status 0',
    ])
  })

  it('may change metadata, messages and replies', async () => {
    await using server = await serve(obliging)
    await using opened = open(server.target)
    const changing: Interceptor = (options, nextCall) =>
      new InterceptingCall(nextCall(options), {
        start: (metadata, _listener, next) => {
          metadata.set('tag', 'tagged')
          next(metadata, {
            onReceiveMessage: (message, next) => next({ ...message, number: 7 }),
          })
        },
        sendMessage: (message, next) => next({ text: `${message.text}!` }),
      })
    const client = clientOn(opened.channel, { interceptors: [changing] })
    expect((await ask(client, 'who')).messages[0]).toMatchObject({ text: 'tagged', number: 7 })
    expect((await ask(client, 'exec', { text: 'hello' })).messages[0]?.text).toBe('hello!')
  })

  it('one that answers by itself needs no server', async () => {
    await using server = await serve({})
    await using proxy = await startProxy(server)
    await using opened = open(`${proxy.host}:${proxy.port}`)
    const answering: Interceptor = (options, nextCall) =>
      new InterceptingCall(nextCall(options), {
        start: (_metadata, listener) =>
          setImmediate(() => {
            listener.onReceiveMetadata(new Metadata())
            listener.onReceiveMessage(reply({ text: 'cached' }))
            listener.onReceiveStatus({ code: status.OK, details: '', metadata: new Metadata() })
          }),
        sendMessage: () => {},
        halfClose: () => {},
      })
    const { messages } = await ask(clientOn(opened.channel, { interceptors: [answering] }), 'who')
    expect([texts(messages), proxy.accepted]).toEqual([['cached'], 0])
  })

  it('one that delays the start of a unary call: it is served then', async () => {
    await using server = await serve(obliging)
    await using opened = open(server.target)
    const { interceptor, held } = holding()
    const call = ask(clientOn(opened.channel, { interceptors: [interceptor] }), 'exec', { text: 'late' })
    const letGo = await held
    setImmediate(letGo)
    expect(texts((await call).messages)).toEqual(['late'])
  })

  it('one that delays the start of a server stream: it arrives complete', async () => {
    await using server = await serve(obliging)
    await using opened = open(server.target)
    const { interceptor, held } = holding()
    const { ended } = follow(clientOn(opened.channel, { interceptors: [interceptor] }).count({ number: 100 }))
    const letGo = await held
    setImmediate(letGo)
    expect(numbers((await ended).messages)).toEqual(upTo(100))
  })

  it('one that delays the start of a client stream: all that was written arrives', async () => {
    await using server = await serve(obliging)
    await using opened = open(server.target)
    const { interceptor, held } = holding()
    const { call, ended } = collect(clientOn(opened.channel, { interceptors: [interceptor] }))
    for (const id of upTo(100)) call.write({ text: `${id}` })
    call.end()
    const letGo = await held
    setImmediate(letGo)
    expect(texts((await ended).messages)).toEqual([upTo(100).join()])
  })

  it('one that delays the start past the deadline: the call reaches no server', async () => {
    let calls = 0
    await using server = await serve({ ...obliging, Hang: () => calls++ })
    await using opened = open(server.target)
    const { interceptor, held } = holding()
    const deadline = Date.now() + 50
    void ask(clientOn(opened.channel, { interceptors: [interceptor] }), 'hang', {}, { deadline })
    const letGo = await held
    await waitFor(() => Date.now() > deadline + 20)
    letGo()
    await ask(clientOn(opened.channel), 'who')
    expect(calls).toBe(0)
  })
})

describe('interceptors on rr.channel(), when a call fails over', () => {
  it('they run once per call, and see its messages once', async () => {
    const sent = moment()
    const a: Handlers = {
      Collect: (call) => {
        call.on('data', ({ text }) => text === '2' && sent.reach())
        call.on('error', () => {})
      },
    }
    await using servers = await twoServers(a, obliging, { idempotent: true })
    const { notes, interceptor } = noting()
    const { call, ended } = collect(clientOn(servers.channel, { interceptors: [interceptor] }))
    call.write({ text: '1' })
    call.write({ text: '2' })
    await sent.reached
    await servers.proxyA.reset()
    call.end({ text: '3' })
    expect(texts((await ended).messages)).toEqual(['1,2,3'])
    expect(notes.filter((note) => note !== 'no more')).toEqual([
      'call',
      'start',
      'message',
      'message',
      'message',
      'end',
      'metadata',
      'reply',
      'status 0',
    ])
  })
})
