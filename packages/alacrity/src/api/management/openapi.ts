import { type SchemaName, schemas } from './schemas.ts'

const body = (name: SchemaName) => ({
  required: true,
  content: { 'application/json': { schema: ref(name) } },
})
const answer = (description: string, name: SchemaName) => ({
  description,
  content: { 'application/json': { schema: ref(name) } },
})
const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ref('Problem') } },
})
const everywhere = {
  401: problem('No token, or a wrong one.'),
  403: problem('From a page of another site, or by a name that is not of this machine.'),
}
const ofBody = {
  400: problem('The body is no JSON, or makes no sense.'),
  413: problem('The body is longer than 64 KB.'),
  415: problem('The content type is not application/json.'),
  422: problem('A field is unknown, missing or wrong; `field` names it.'),
}
const parameter = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string' } })

function ref(name: SchemaName): { readonly $ref: string } {
  return { $ref: `#/components/schemas/${name}` }
}

/** As much of OpenAPI's own types as is used here. */
export interface OpenApi {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly security: readonly object[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>
  readonly components: object
}

/** The management API, described in OpenAPI 3.1. */
export const openapi: OpenApi = {
  openapi: '3.1.0',
  info: {
    title: 'alacrity management API',
    version: '1',
    description:
      'What a running balancer may be told. Every answer that is not 2xx is a problem document and has changed nothing.',
  },
  security: [{ token: [] }, {}],
  paths: {
    '/health': {
      get: {
        summary: 'Does it take connections?',
        security: [],
        responses: { 200: answer('It does.', 'Health'), 503: answer('It is on its way out.', 'Health') },
      },
    },
    '/openapi.json': {
      get: { summary: 'This description.', responses: { 200: answer('It.', 'Description'), ...everywhere } },
    },
    '/servers': {
      get: {
        summary: 'All servers.',
        responses: { 200: answer('In the order of the file.', 'Servers'), ...everywhere },
      },
      post: {
        summary: 'Adds a server to a backend, until the next reload.',
        requestBody: body('NewServer'),
        responses: {
          201: { ...answer('It is there.', 'Server'), headers: { location: { schema: { type: 'string' } } } },
          404: problem('There is no such backend.'),
          409: problem('There is such a server already.'),
          ...ofBody,
          ...everywhere,
        },
      },
    },
    '/servers/{backend}/{name}': {
      parameters: [parameter('backend'), parameter('name')],
      get: {
        summary: 'One server.',
        responses: { 200: answer('It.', 'Server'), 404: problem('There is no such server.'), ...everywhere },
      },
      patch: {
        summary: 'Changes a server, until the next reload.',
        requestBody: body('ServerChange'),
        responses: {
          200: answer('As it is now.', 'Server'),
          404: problem('There is no such server.'),
          409: problem('Not now.'),
          ...ofBody,
          ...everywhere,
        },
      },
      delete: {
        summary: 'Removes a server that is in maintenance or, with `force`, any.',
        parameters: [{ name: 'force', in: 'query', schema: { type: 'string', enum: ['true', 'false'] } }],
        responses: {
          204: { description: 'It is gone.' },
          404: problem('There is no such server.'),
          409: problem('It is neither in maintenance nor without sessions.'),
          ...everywhere,
        },
      },
    },
    '/reload': {
      post: {
        summary: 'Reads the configuration again. No connection is dropped.',
        responses: {
          200: answer('It is in use.', 'Reloaded'),
          422: problem('It does not hold together. The one before stays.'),
          ...everywhere,
        },
      },
    },
  },
  components: { schemas, securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
}
