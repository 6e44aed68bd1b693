import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { failure, fake, rejection } from '../test/fake.ts'
import { RoundRobin } from './index.ts'
import { defaultId } from './provider.ts'

describe('the name of a provider', () => {
  test.each<[unknown, string | undefined]>([
    ['localhost:6379', 'localhost:6379'],
    ['tcp://127.0.0.1:80', 'tcp://127.0.0.1:80'],
    ['http://a/@me', 'http://a/@me'],
    ['redis://user:secret@host:6379/0', 'redis://user@host:6379/0'],
    ['redis://:secret@host:6379', 'redis://@host:6379'],
    ['postgres://u:p@ss@host/db?sslpassword=x#y', 'postgres://u@host/db'],
    ['postgresql://u:p@a:5432,b:5433/db', 'postgresql://u@a:5432,b:5433/db'],
    ['user:secret@host:5432', 'user@host:5432'],
    ['redis://u:p/w@host', undefined],
    ['redis://u:p?w@host', undefined],
    ['redis://u:p#w@host', undefined],
    ['host=a password=secret', undefined],
    ['', undefined],
    [new URL('https://u:secret@host:8443/x?token=y'), 'https://u@host:8443/x'],
    [{ host: 'db', port: 5432, password: 'secret' }, 'db:5432'],
    [{ host: 'redis://:secret@db', port: 1 }, '[redis://@db]:1'],
    [{ host: 'user:secret@db' }, 'user@db'],
    [{ host: 'u:p/w@db' }, undefined],
    [{ hostname: 'db', port: '5432' }, 'db:5432'],
    [{ host: '::1', port: 5432 }, '[::1]:5432'],
    [{ host: 'db' }, 'db'],
    [{ path: '/tmp/x.sock' }, undefined],
    [7, undefined],
    [null, undefined],
  ])('of %o is %o', (source, id) => {
    expect(defaultId(source)).toBe(id)
  })

  test('is #1, #2 … where the source shows none, and stays with its source', () => {
    const [a, b, c] = [{ tag: 1 }, { tag: 2 }, { tag: 3 }]
    const rr = new RoundRobin([a, b], { connect: (source) => source })
    expect(rr.providers.map(({ provider }) => provider)).toEqual(['#1', '#2'])
    rr.setSources([c, b])
    expect(rr.providers.map(({ provider }) => provider)).toEqual(['#3', '#2'])
  })

  test("is the connector's, where it gives one", () => {
    const connector = { ...fake(), id: (source: string) => `the ${source}` }
    expect(new RoundRobin(['a'], connector).providers[0]?.provider).toBe('the a')
    expect(() => new RoundRobin(['a'], { ...fake(), id: () => 7 as never })).toThrow(
      /id must return a string; got number/,
    )
  })

  test.each([
    [['a', 'a'], /sources has a twice/],
    [['redis://u:1@a', 'redis://u:2@a'], /sources has redis:\/\/u@a twice/],
    [[7, 7], /twice/],
    [[], /at least one source/],
    ['a', /must be a list/],
    [undefined, /must be a list/],
  ])('sources %o are refused', (sources, message) => {
    expect(() => new RoundRobin(sources as never, { connect: () => 1 })).toThrow(message)
  })
})

test('no error, event or list of providers prints a password', async () => {
  const source = { host: 'db', port: 1, password: 'hunter2' }
  const url = 'redis://user:hunter2@db:2'
  const connect = () => {
    throw failure('ECONNREFUSED')
  }
  const rr = new RoundRobin<object | string, number>([source, url], { connect }, { maxAttempts: 2 })
  const printed: string[] = []
  for (const event of ['fail', 'exhausted', 'failover'] as const) {
    rr.on(event, (body) => printed.push(inspect(body, { depth: 9 }), JSON.stringify(body)))
  }
  const error = await rejection(rr.run(() => 1))
  printed.push(inspect(error, { depth: 9 }), JSON.stringify(error), error.stack ?? '')
  printed.push(inspect(rr, { depth: 9 }), inspect(rr.providers), JSON.stringify(rr.providers))
  expect(printed.length).toBeGreaterThan(8)
  expect(printed.join('\n')).toContain('redis://user@db:2')
  expect(printed.join('\n')).not.toContain('hunter2')
  expect(rr.providers.map((provider) => provider.source)).toEqual([source, url])
})
