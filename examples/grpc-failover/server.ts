// node --import tsx server.ts NAME PORT BOOK: a server of grpc-js with a guest book, which is a file.
// SIGTERM: it sends its clients elsewhere (GOAWAY), finishes the calls under way, and ends.
import { openSync, writeSync } from 'node:fs'
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js'
import { Greeter, type Person, type Reply } from './greeter.ts'

const [server = '', port = '', book = ''] = process.argv.slice(2)
const page = openSync(book, 'a')
const WORK_MS = 10

/** Replies a little later, so that calls are under way, here and there, whenever the server ends. */
function answering(text: (name: string) => string) {
  return ({ request: { name } }: ServerUnaryCall<Person, Reply>, reply: sendUnaryData<Reply>) => {
    const said = text(name)
    setTimeout(() => reply(null, { server, text: said }), WORK_MS * Math.random())
  }
}

const grpc = new Server()
grpc.addService(Greeter.service, {
  Greet: answering((name) => `Hello ${name}, from ${server}`),
  Sign: answering((name) => {
    writeSync(page, `${name}\n`) // at once and before the reply: what is in the book after a SIGKILL was done
    return `${name} is in the book of ${server}`
  }),
})
grpc.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error
})

process.once('SIGTERM', () => grpc.tryShutdown(() => process.exit()))
// Whoever started it holds the other end: when he is gone, so is it.
process.stdin.on('end', () => process.exit()).resume()
