import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { send } from '../http/answers.ts'
import { httpServer } from '../http/server.ts'
import { CommandError, type Watched } from '../watched.ts'
import { guard, isLoopback } from './guard.ts'
import { Problem, sendProblem } from './problem.ts'
import { type Answer, health, routes } from './routes.ts'

export interface ManagementOptions {
  readonly watched: Watched
  /** Where it listens. Default `127.0.0.1`. */
  readonly host?: string
  /** What every request but `/health` must bring as `Authorization: Bearer`. Needed unless `host` is a loopback. */
  readonly token?: string
}

/**
 * The management API as a listener of `node:http`.
 *
 * @throws TypeError if there is no token, and `host` can be reached from elsewhere
 */
export function managementApi({ watched, host = '127.0.0.1', token }: ManagementOptions): RequestListener {
  if (!token && !isLoopback(host)) {
    throw new TypeError(`the management API on ${host} can be reached from elsewhere: it needs a token`)
  }
  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    // A machine that watches needs no token for this, and learns nothing else by it.
    if (url.pathname === '/health' && isRead(request)) return health(watched)
    guard(request, { host, token: token || undefined })
    const [methods, parts] = routeOf(url.pathname)
    const run = methods[request.method === 'HEAD' ? 'GET' : (request.method ?? '')]
    if (run) return await run({ watched, request, parts, query: url.searchParams })
    const allow = Object.keys(methods).join(', ')
    throw new Problem(405, `this can be asked for with ${allow}`, { headers: { allow } })
  }
  return (request, response) => {
    void answerTo(request).then(
      (answer) => sendAnswer(response, answer),
      (error) => fail(request, response, error),
    )
  }
}

/** A management API that listens. */
export interface RunningManagementApi {
  readonly host: string
  readonly port: number
  close(): Promise<void>
}

/**
 * Starts it. `port` 0 takes a free one.
 *
 * @throws TypeError as `managementApi` does
 * @throws Error if it cannot listen there
 */
export async function startManagementApi(
  options: ManagementOptions & { readonly port: number },
): Promise<RunningManagementApi> {
  const { host = '127.0.0.1' } = options
  const server = httpServer(managementApi(options))
  await listening(server, options.port, host)
  return {
    host,
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Error(`the management API cannot listen on ${host}:${port}: ${cause.message}`, { cause })),
    )
    server.listen({ host, port, exclusive: true }, resolve)
  })
}

function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD'
}

function routeOf(path: string): [(typeof routes)[string], readonly string[]] {
  for (const [pattern, methods] of Object.entries(routes)) {
    const match = new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, '([^/]+)').replaceAll('.', '\\.')}$`).exec(path)
    if (match) return [methods, match.slice(1).map(decoded)]
  }
  throw new Problem(404, `there is no ${path}: /openapi.json says what there is`)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Problem(400, 'the path is not well encoded')
  }
}

function sendAnswer(response: ServerResponse, { status, body, headers }: Answer): void {
  if (body === undefined) response.writeHead(status, headers).end()
  else send(response, status, 'application/json', JSON.stringify(body), headers)
}

const statusOf = { unknown: 404, invalid: 400, conflict: 409 } as const

function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (request.destroyed && !request.complete) response.destroy()
  else if (error instanceof Problem) sendProblem(response, error)
  else if (error instanceof CommandError) sendProblem(response, new Problem(statusOf[error.reason], error.message))
  else sendProblem(response, new Problem(500, 'something went wrong here'))
}
