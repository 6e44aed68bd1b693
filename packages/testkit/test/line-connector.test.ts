import { expect, test } from 'vitest'
import { lineConnector, startLineServer, startProxy, waitFor } from '../src/index.ts'

const never = (): AbortSignal => new AbortController().signal

test('connects to a URL, tells of a loss, and disconnects', async () => {
  await using server = await startLineServer({ name: 'A' })
  const connector = lineConnector()
  const losses: unknown[] = []
  const lost = (error: unknown): void => void losses.push(error)
  const one = await connector.connect(server.url, { signal: never(), lost })
  expect(one.greeting).toBe('HELLO A')
  await connector.disconnect(one)
  expect(losses).toEqual([])
  await connector.connect(server.url, { signal: never(), lost })
  await server.kill()
  await waitFor(() => losses.length === 1)
  expect(losses).toMatchObject([{ code: 'ECONNRESET' }])
})

test('its probe passes on a server that answers and stops with its signal on one that does not', async () => {
  await using server = await startLineServer()
  await using proxy = await startProxy(server.url)
  const connector = lineConnector()
  const client = await connector.connect(proxy.url, { signal: never(), lost: () => {} })
  await connector.probe(client, { signal: never() })
  await proxy.freeze()
  await expect(connector.probe(client, { signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout')
  await connector.disconnect(client)
  await expect(connector.probe(client, { signal: never() })).rejects.toMatchObject({ code: 'ERR_LINE_NOT_SENT' })
})

test('with role primary it connects to no replica, leaves nothing there, and its probe looks at the role', async () => {
  await using server = await startLineServer()
  await using proxy = await startProxy(server.url)
  const connector = lineConnector({ role: 'primary' })
  const context = { signal: never(), lost: () => {} }
  const client = await connector.connect(proxy.url, context)
  await connector.probe(client, { signal: never() })
  await server.demote()
  await expect(connector.probe(client, { signal: never() })).rejects.toThrow('READONLY its role is replica')
  await connector.disconnect(client)
  await expect(connector.connect(proxy.url, context)).rejects.toThrow('READONLY its role is replica')
  await waitFor(() => proxy.open === 0)
})

test('refuses a role that there is not', () => {
  expect(() => lineConnector({ role: 'replica' as never })).toThrow("role must be 'any' or 'primary'; got 'replica'")
})

test('rejects for a URL that is none, or has no port', async () => {
  const connect = (source: string) => lineConnector().connect(source, { signal: never(), lost: () => {} })
  await expect(connect('nowhere')).rejects.toThrow('source must be a URL with a port')
  await expect(connect('tcp://127.0.0.1')).rejects.toThrow('source must be a URL with a port')
})
