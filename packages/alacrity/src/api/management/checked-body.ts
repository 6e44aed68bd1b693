import type { IncomingMessage } from 'node:http'
import { BodyTooLarge, bodyOf } from '../http/body.ts'
import { Problem } from './problem.ts'
import type { Schema } from './schemas.ts'

/** A body as its schema has it. @throws Problem 400, 413, 415 or 422 */
export async function checkedBody<T>(request: IncomingMessage, schema: Schema): Promise<T> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';')
  if (type.trim().toLowerCase() !== 'application/json')
    throw new Problem(415, 'the content type must be application/json')
  const body = parsed(await textOf(request))
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new Problem(422, 'an object is expected')
  checkObject(schema, body as Readonly<Record<string, unknown>>)
  return body as T
}

async function textOf(request: IncomingMessage): Promise<string> {
  try {
    return await bodyOf(request)
  } catch (error) {
    if (!(error instanceof BodyTooLarge)) throw error
    throw new Problem(413, 'the body must not be longer than 64 KB', { headers: { connection: 'close' } })
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Problem(400, 'the body is no JSON')
  }
}

function checkObject(schema: Schema, body: Readonly<Record<string, unknown>>): void {
  const { properties = {}, required = [], minProperties = 0 } = schema
  const known = Object.keys(properties).join(', ')
  for (const [field, value] of Object.entries(body)) {
    const own = Object.hasOwn(properties, field) ? properties[field] : undefined
    if (!own) throw new Problem(422, `${field} is not known: there are ${known}`, { field })
    const expected = misfit(own, value)
    if (expected !== undefined) throw new Problem(422, `${field} must be ${expected}`, { field })
  }
  const missing = required.find((field) => !Object.hasOwn(body, field))
  if (missing !== undefined) throw new Problem(422, `${missing} is missing`, { field: missing })
  if (Object.keys(body).length < minProperties) throw new Problem(422, `nothing to change: there are ${known}`)
}

/** What was expected instead, if it is not that. */
function misfit(schema: Schema, value: unknown): string | undefined {
  const { minimum = -Infinity, maximum = Infinity, maxLength = Infinity } = schema
  switch (schema.type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false'
    case 'integer':
      if (Number.isSafeInteger(value) && Number(value) >= minimum && Number(value) <= maximum) return undefined
      return `a whole number from ${minimum} to ${maximum}`
    default:
      if (typeof value !== 'string' || value.length > maxLength) return 'a text'
      if (schema.enum && !schema.enum.includes(value)) return `one of ${schema.enum.join(', ')}`
      return schema.pattern === undefined || new RegExp(schema.pattern).test(value)
        ? undefined
        : (schema.description ?? 'a name: letters, digits and _.:-')
  }
}
