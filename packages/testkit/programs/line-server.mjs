// node line-server.mjs NAME PORT LEDGER
//
// A server with a line protocol, for tests of what happens to connections. It greets with
// `HELLO name`; a request is `seq VERB [text]`, its reply `seq OK [value]` or `seq ERR word [text]`.

import { openSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'

// A terminal sends its Ctrl-C to the whole group. This server ends when whoever started it closes its stdin, or stops it.
process.on('SIGINT', () => {})

const [name, port, ledgerFile] = process.argv.slice(2)
const ledger = openSync(ledgerFile, 'a')
let executed = 0
let role = 'primary'

/** Each verb gets its text, the functions `ok(value)` and `err(words)` to reply with, and the socket. */
const verbs = {
  PING: (_text, { ok }) => ok(),
  ECHO: (text, { ok }) => ok(text),
  WHO: (_text, { ok }) => ok(name),
  COUNT: (_text, { ok }) => ok(executed),
  FAIL: (text, { err }) => err(text || 'FAILED'),
  HANG: () => {},
  CLOSE: (_text, { socket }) => socket.destroy(),
  ROLE: (_text, { ok }) => ok(role),
  DEMOTE: (_text, { ok }) => become('replica', ok),
  PROMOTE: (_text, { ok }) => become('primary', ok),
  // A request whose caller promises only to look: what writes is refused, whatever the role.
  VIEW: (text, reply) => {
    const [, verb = '', rest = ''] = /^(\S+) ?(.*)$/.exec(text) ?? []
    if (verb === 'EXEC') return reply.err('VIEWONLY the request itself says that it does not write')
    perform(verb, rest, reply)
  },
  EXEC: (text, reply) => {
    const [id, delayMs] = text.split(' ')
    if (!id) return reply.err('USAGE EXEC id [delayMs]')
    if (role !== 'primary') return reply.err('READONLY this server is a replica')
    const total = execute(id)
    if (delayMs) setTimeout(() => reply.ok(total), Number(delayMs))
    else reply.ok(total)
  },
}

function become(newRole, ok) {
  role = newRole
  ok(role)
}

/** Written before it is acknowledged, and synchronously: what a SIGKILL leaves is what was done. */
function execute(id) {
  writeSync(ledger, `${id}\n`)
  executed += 1
  return executed
}

function answer(line, socket) {
  const [, seq, verb, text = ''] = /^(\d+) (\S+) ?(.*)$/.exec(line) ?? []
  const send = (reply) => socket.writable && socket.write(`${reply}\n`)
  if (!seq) return send('0 ERR SYNTAX expected: seq VERB [text]')
  const ok = (value = '') => send(value === '' ? `${seq} OK` : `${seq} OK ${value}`)
  const err = (words) => send(`${seq} ERR ${words}`)
  perform(verb, text, { ok, err, socket })
}

function perform(verb, text, reply) {
  if (Object.hasOwn(verbs, verb)) verbs[verb](text, reply)
  else reply.err(`UNKNOWN ${verb}`)
}

function serve(socket) {
  let rest = ''
  socket.on('error', () => socket.destroy())
  socket.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop()
    for (const line of lines) answer(line, socket)
  })
  socket.write(`HELLO ${name}\n`)
}

const server = createServer({ noDelay: true }, serve)
server.listen(Number(port), '127.0.0.1')

// Whoever started it holds the other end of stdin: when he is gone, however he went, so is it.
process.stdin
  .on('end', () => process.exit())
  .on('error', () => process.exit())
  .resume()
