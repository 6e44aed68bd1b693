import type { ServiceDefinition } from '@grpc/grpc-js'
import { InvalidError } from '@tourniquet/core'

/** Which methods may be applied twice: all, none, or those whose path (`/package.Service/Method`) it says so of. */
export type Idempotent = boolean | ((path: string) => boolean)

/** A service as generated code describes it, with what its proto says of each method. */
export type DescribedService = ServiceDefinition | { readonly methods: object } | object

interface Described {
  readonly path?: unknown
  readonly name?: unknown
  readonly options?: { readonly idempotency_level?: unknown; readonly idempotencyLevel?: unknown } | undefined
}

/**
 * The methods whose `idempotency_level` says that they may be applied twice: `NO_SIDE_EFFECTS` or `IDEMPOTENT`.
 *
 * @param services - as `@grpc/proto-loader` and the generators describe them: `Greeter.service`, `GreeterDefinition`
 * @throws InvalidError if one is no service
 */
export function idempotentMethods(...services: readonly DescribedService[]): (path: string) => boolean {
  const paths = new Set(services.flatMap(idempotentPaths))
  return (path) => paths.has(path)
}

function idempotentPaths(service: DescribedService): string[] {
  if (typeof service !== 'object' || service === null) {
    throw new InvalidError(
      `idempotentMethods needs service definitions, such as Greeter.service; got ${typeof service}`,
    )
  }
  const { fullName, methods } = service as { fullName?: string; methods?: Record<string, Described> }
  const described: Described[] = Object.values(methods ?? service)
  return described.filter(isIdempotent).map(({ path, name }) => String(path ?? `/${fullName}/${name}`))
}

/** proto-loader writes the names of the levels, generators their names or numbers. */
function isIdempotent({ options }: Described): boolean {
  const level = options?.idempotency_level ?? options?.idempotencyLevel
  return level === 'NO_SIDE_EFFECTS' || level === 'IDEMPOTENT' || level === 1 || level === 2
}
