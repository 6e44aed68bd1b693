/** JSON Schema, as much of it as is used here. */
export interface Schema {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean'
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean
  readonly minProperties?: number
  readonly items?: Schema
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
}

const name = { type: 'string', pattern: '^[A-Za-z0-9_.:-]+$', maxLength: 255 } as const
const address = {
  type: 'string',
  description: '`host:port`; an IPv6 address in brackets.',
  pattern: '^(\\[[0-9a-fA-F:.]+\\]|[^\\s:/\\[\\]]+):[1-9][0-9]{0,4}$',
  maxLength: 300,
} as const
const weight = { type: 'integer', minimum: 0, maximum: 256 } as const
const maxconn = { type: 'integer', description: '0: no limit.', minimum: 0, maximum: 2_147_483_647 } as const
const state = { type: 'string', enum: ['ready', 'drain', 'maint'] } as const
const text = { type: 'string' } as const
const whole = { type: 'integer' } as const

const server: Schema = {
  type: 'object',
  properties: {
    backend: text,
    name: text,
    address: { type: 'string', description: 'As resolved now: `host:port`.' },
    configured: { type: 'string', description: 'As the file says it.' },
    state,
    status: { type: 'string', description: "HAProxy's word, such as `UP` or `MAINT`." },
    weight,
    initialWeight: weight,
    maxconn,
    backup: { type: 'boolean' },
    sessions: whole,
    queued: whole,
    checked: { type: 'boolean' },
    checkStatus: { type: 'string', description: "HAProxy's word, such as `L4OK`; empty while there was no check." },
    lastChangeSec: { type: 'integer', description: 'Seconds since its status changed.' },
  },
  required: 'backend name address configured state status weight initialWeight maxconn backup sessions queued'.split(
    ' ',
  ),
  additionalProperties: false,
}

export type SchemaName =
  | 'Server'
  | 'Servers'
  | 'NewServer'
  | 'ServerChange'
  | 'Reloaded'
  | 'Health'
  | 'Description'
  | 'Problem'

/** What comes in and goes out. What comes in is checked against these, and nothing else. */
export const schemas: Readonly<Record<SchemaName, Schema>> = {
  Server: server,
  Servers: { type: 'array', items: server },
  NewServer: {
    type: 'object',
    properties: {
      backend: name,
      name,
      address,
      weight,
      maxconn,
      backup: { type: 'boolean' },
      check: { type: 'boolean' },
    },
    required: ['backend', 'name', 'address'],
    additionalProperties: false,
  },
  ServerChange: {
    type: 'object',
    properties: { weight, maxconn, state, address },
    additionalProperties: false,
    minProperties: 1,
  },
  Reloaded: {
    type: 'object',
    properties: { warnings: { type: 'array', items: text } },
    required: ['warnings'],
    additionalProperties: false,
  },
  Health: {
    type: 'object',
    properties: { status: { type: 'string', enum: ['ok', 'stopping'] } },
    required: ['status'],
    additionalProperties: false,
  },
  Description: { type: 'object', required: ['openapi', 'info', 'paths'] },
  Problem: {
    type: 'object',
    properties: { type: text, title: text, status: whole, detail: text, field: text },
    required: ['type', 'title', 'status', 'detail'],
    additionalProperties: false,
  },
}
