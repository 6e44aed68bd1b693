import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RunningManagementApi, startManagementApi } from '../../src/api/management/index.ts'
import { openapi } from '../../src/api/management/openapi.ts'
import { routes } from '../../src/api/management/routes.ts'
import { askApi, type Said } from './http-ask.ts'
import { MemoryWatched } from './watched.ts'

let api: RunningManagementApi
beforeEach(async () => {
  api = await startManagementApi({ watched: new MemoryWatched(), port: 0, token: 's3cret' })
})
afterEach(() => api.close())

const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Said> =>
  askApi(`http://127.0.0.1:${api.port}${path}`, method, body, headers)

describe('its description', () => {
  const ajv = new Ajv2020({ strict: false })
  ajv.addSchema(openapi, 'openapi')
  const paths = openapi.paths as unknown as Record<string, Record<string, Operation>>
  interface Operation {
    readonly responses: Record<
      string,
      { readonly content?: Record<string, { readonly schema: { readonly $ref: string } }> }
    >
  }

  it('lists the routes there are, and no others', () => {
    const described = Object.entries(paths).map(([path, operations]) => [
      path,
      Object.keys(operations)
        .filter((name) => name !== 'parameters')
        .map((name) => name.toUpperCase())
        .sort(),
    ])
    const served = Object.entries(routes).map(([path, methods]) => [path, Object.keys(methods).sort()])
    expect(Object.fromEntries(described)).toEqual(Object.fromEntries(served))
  })

  it('is served, refers to nothing that is not there, and is itself a schema', async () => {
    const { body } = await ask('GET', '/openapi.json')
    expect(body).toEqual(JSON.parse(JSON.stringify(openapi)))
    const refs = JSON.stringify(body).matchAll(/"\$ref":"#([^"]+)"/g)
    for (const [, pointer] of refs) expect(ajv.getSchema(`openapi#${pointer}`), pointer).toBeDefined()
  })

  it.each([
    ['get', '/health', '/health', undefined, {}],
    ['get', '/openapi.json', '/openapi.json', undefined, {}],
    ['get', '/servers', '/servers', undefined, {}],
    ['get', '/servers', '/servers', undefined, { authorization: '' }],
    ['get', '/servers', '/servers', undefined, { host: 'x' }],
    ['post', '/servers', '/servers', { backend: 'be', name: 'x', address: '127.0.0.1:5' }, {}],
    ['post', '/servers', '/servers', { backend: 'no', name: 'x', address: '127.0.0.1:5' }, {}],
    ['post', '/servers', '/servers', { backend: 'be', name: 'e', address: '127.0.0.1:5' }, {}],
    ['post', '/servers', '/servers', { backend: 'be' }, {}],
    ['post', '/servers', '/servers', '{', {}],
    ['get', '/servers/{backend}/{name}', '/servers/db/a', undefined, {}],
    ['get', '/servers/{backend}/{name}', '/servers/db/zz', undefined, {}],
    ['patch', '/servers/{backend}/{name}', '/servers/db/a', { weight: 3 }, {}],
    ['patch', '/servers/{backend}/{name}', '/servers/db/a', { weight: 'x' }, {}],
    ['patch', '/servers/{backend}/{name}', '/servers/db/a', { weight: 3 }, { 'content-type': 'text/plain' }],
    ['delete', '/servers/{backend}/{name}', '/servers/be/d', undefined, {}],
    ['delete', '/servers/{backend}/{name}', '/servers/be/e', undefined, {}],
    ['post', '/reload', '/reload', undefined, {}],
  ])('fits the answer to %s %s (%s %j %j)', async (method, path, at, body, headers) => {
    const said = await ask(method.toUpperCase(), at, body, headers)
    const described = paths[path]![method]!.responses[said.status]
    expect(described, `${said.status}`).toBeDefined()
    const [type, content] = Object.entries(described!.content ?? {})[0] ?? []
    expect(said.headers['content-type']).toBe(type)
    if (!content) return expect(said.body).toBeUndefined()
    const fits = ajv.getSchema(`openapi${content.schema.$ref}`)!
    expect([fits(said.body), fits.errors]).toEqual([true, null])
  })
})
