// node grpc-server.mjs '{ "name", "port", "ledger", "notServing", "tls": { "cert", "key", "ca" } | null }'
//
// The gRPC server of grpc-provider.proto, with the standard health check. SIGTERM: it takes no more calls, finishes those
// under way and ends. SIGINT: it ends at once.

import { once } from 'node:events'
import { existsSync, openSync, readFileSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { healthService, providerService } from './grpc-provider.mjs'

const { Server, ServerCredentials, status } = await import('@grpc/grpc-js').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
  console.error('it needs the package @grpc/grpc-js. Run npm install --save-dev @grpc/grpc-js')
  process.exit(1)
})

const { name, port, ledger: ledgerFile, notServing, tls } = JSON.parse(process.argv[2])
const ledger = openSync(ledgerFile, 'a')
let executed = 0

/** Written before it is acknowledged, and synchronously: what a SIGKILL leaves is what was done. */
function execute(id) {
  writeSync(ledger, `${id}\n`)
  executed += 1
  return executed
}

function reply(fields) {
  return { provider: name, ...fields }
}

/** A handler that replies, `delayMs` later if the request says so, with what `work` makes of the request. */
function unary(work) {
  return ({ request }, callback) => {
    const value = work(request)
    const answer = () => ('code' in value ? callback(value) : callback(null, value))
    if (request.delayMs) setTimeout(answer, request.delayMs)
    else answer()
  }
}

async function count(call) {
  const { number, delayMs } = call.request
  const gone = new AbortController()
  call.once('cancelled', () => gone.abort())
  for (let i = 1; i <= number; i++) {
    if (delayMs) await sleep(delayMs, undefined, gone)
    if (!call.write(reply({ number: i }))) await once(call, 'drain', gone)
  }
  call.end()
}

async function collect(call, callback) {
  const ids = []
  for await (const { text } of call) {
    execute(text)
    ids.push(text)
  }
  callback(null, reply({ text: ids.join(), number: ids.length }))
}

function chat(call) {
  let number = 0
  call.on('data', ({ text }) => {
    number += 1
    call.write(reply({ text, number }))
  })
  call.on('end', () => call.end())
}

function check({ service }) {
  const isKnown = service === '' || providerService.Who.path.startsWith(`/${service}/`)
  if (!isKnown) return { code: status.NOT_FOUND, details: `there is no service ${service}` }
  return { status: existsSync(notServing) ? 2 : 1 }
}

function credentials() {
  if (!tls) return ServerCredentials.createInsecure()
  const pair = { cert_chain: readFileSync(tls.cert), private_key: readFileSync(tls.key) }
  return ServerCredentials.createSsl(tls.ca ? readFileSync(tls.ca) : null, [pair], Boolean(tls.ca))
}

const server = new Server()
server.addService(providerService, {
  Who: unary(() => reply()),
  Exec: unary(({ text }) => reply({ text, number: execute(text) })),
  Fail: unary(({ number, text }) => ({ code: number || status.UNKNOWN, details: text })),
  Hang: () => {},
  // What fails in these is that the client went away.
  Count: (call) => void count(call).catch(() => call.destroy()),
  Collect: (call, callback) => void collect(call, callback).catch(() => {}),
  Chat: chat,
})
server.addService(healthService, { Check: unary(check) })
server.bindAsync(`127.0.0.1:${port}`, credentials(), (error) => {
  if (error) throw error
})

process.once('SIGTERM', () => server.tryShutdown(() => process.exit()))

// Whoever started it holds the other end of stdin: when he is gone, however he went, so is it.
process.stdin
  .on('end', () => process.exit())
  .on('error', () => process.exit())
  .resume()
