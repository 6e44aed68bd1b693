// `greeter.proto`, loaded when it is needed. A generator would write the same into a file.
import { fileURLToPath } from 'node:url'
import {
  type Client,
  type ClientUnaryCall,
  loadPackageDefinition,
  type MethodDefinition,
  type ServiceDefinition,
  type ServiceError,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

export interface Person {
  name: string
}

export interface Reply {
  /** Who replies. */
  server: string
  text: string
}

type Unary = (person: Person, callback: (error: ServiceError | null, reply: Reply) => void) => ClientUnaryCall

interface GreeterClient extends Client {
  greet: Unary
  sign: Unary
}

type UnaryDefinition = MethodDefinition<Person, Reply> & { requestStream: false; responseStream: false }

interface GreeterService extends ServiceDefinition {
  Greet: UnaryDefinition
  Sign: UnaryDefinition
}

interface GreeterConstructor {
  new (...parameters: ConstructorParameters<typeof Client>): GreeterClient
  readonly service: GreeterService
}

const definition = loadSync(fileURLToPath(new URL('greeter.proto', import.meta.url)))
const { greeter } = loadPackageDefinition(definition) as unknown as { greeter: { Greeter: GreeterConstructor } }

export const { Greeter } = greeter
