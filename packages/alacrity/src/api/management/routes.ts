import type { IncomingMessage } from 'node:http'
import type { AdminState, NewServer, Watched, WatchedServer } from '../watched.ts'
import { checkedPort, parsedAddress } from './address.ts'
import { checkedBody } from './checked-body.ts'
import { openapi } from './openapi.ts'
import { Problem } from './problem.ts'
import { schemas } from './schemas.ts'

export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

interface Call {
  readonly watched: Watched
  readonly request: IncomingMessage
  /** What stands for the braces of the path. */
  readonly parts: readonly string[]
  readonly query: URLSearchParams
}

type Run = (call: Call) => Answer | Promise<Answer>

/** Every path, its methods, and what they do: the same that the OpenAPI description lists. */
export const routes: Readonly<Record<string, Readonly<Record<string, Run>>>> = {
  '/health': { GET: ({ watched }) => health(watched) },
  '/openapi.json': { GET: () => ({ status: 200, body: openapi }) },
  '/servers': {
    GET: ({ watched }) => ({ status: 200, body: watched.servers().map(view) }),
    POST: addServer,
  },
  '/servers/{backend}/{name}': {
    GET: (call) => ({ status: 200, body: view(serverOf(call)) }),
    PATCH: changeServer,
    DELETE: removeServer,
  },
  '/reload': { POST: reload },
}

export function health({ isStopping }: Watched): Answer {
  return { status: isStopping ? 503 : 200, body: { status: isStopping ? 'stopping' : 'ok' } }
}

/** As the schema `Server` says it. */
function view(server: WatchedServer): object {
  const { backend, name, state, status, weight, initialWeight, maxconn, backup, sessions, queued } = server
  const { checkStatus, lastChangeSec } = server
  const host = server.host.includes(':') ? `[${server.host}]` : server.host
  const now = {
    address: host === '' ? '' : `${host}:${server.port}`,
    configured: server.address,
    checked: server.isChecked,
  }
  const numbers = { weight, initialWeight, maxconn, backup, sessions, queued }
  return { backend, name, state, status, ...now, ...numbers, checkStatus, lastChangeSec }
}

function serverOf({ watched, parts: [backend, name] }: Call): WatchedServer {
  const found = watched.servers().find((server) => server.backend === backend && server.name === name)
  if (!found) throw new Problem(404, `there is no server ${backend}/${name}`)
  return found
}

async function addServer({ watched, request }: Call): Promise<Answer> {
  const { backend, ...server } = await checkedBody<NewServer & { backend: string }>(request, schemas.NewServer)
  checkedPort(server.address.slice(server.address.lastIndexOf(':') + 1))
  const added = await watched.addServer(backend, server)
  const location = `/servers/${encodeURIComponent(backend)}/${encodeURIComponent(server.name)}`
  return { status: 201, body: view(added), headers: { location } }
}

interface Change {
  readonly weight?: number
  readonly maxconn?: number
  readonly state?: AdminState
  readonly address?: string
}

/** All of it is looked at before any of it is done; the address, which alone may still be refused, is the first. */
async function changeServer(call: Call): Promise<Answer> {
  const { backend, name } = serverOf(call)
  const { weight, maxconn, state, address } = await checkedBody<Change>(call.request, schemas.ServerChange)
  const to = address === undefined ? undefined : parsedAddress(address)
  const { watched } = call
  if (to !== undefined) watched.setAddress(backend, name, to.host, to.port)
  if (weight !== undefined) watched.setWeight(backend, name, String(weight))
  if (maxconn !== undefined) watched.setServerMaxconn(backend, name, maxconn)
  if (state !== undefined) watched.setState(backend, name, state)
  return { status: 200, body: view(serverOf(call)) }
}

async function removeServer(call: Call): Promise<Answer> {
  const { backend, name } = serverOf(call)
  await call.watched.removeServer(backend, name, { force: call.query.get('force') === 'true' })
  return { status: 204 }
}

async function reload({ watched }: Call): Promise<Answer> {
  try {
    return { status: 200, body: await watched.reload() }
  } catch (error) {
    throw new Problem(422, (error as Error).message)
  }
}
