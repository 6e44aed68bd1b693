// Opens connections and keeps them, until it is stopped: `node hold.mjs PORT COUNT`.
import { connect } from 'node:net'

const [port, count] = process.argv.slice(2).map(Number)
const atOnce = 100
let opened = 0

function open() {
  if (opened++ >= count) return
  // The next one when this one is through: the queue of the listener is never full.
  connect({ port, host: '127.0.0.1' }, open).on('error', ({ message }) => console.error(message))
}

for (let started = 0; started < atOnce; started++) open()
