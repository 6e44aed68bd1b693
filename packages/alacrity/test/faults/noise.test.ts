import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { freePort, waitFor } from '@tourniquet/testkit'
import { expect, test } from 'vitest'
import { startAlacrity } from '../parts/alacrity.ts'
import { rowOf } from '../parts/ask.ts'
import { Client } from '../parts/client.ts'
import { echoes, startOrigin } from '../parts/origin.ts'

const isLong = process.env.TOURNIQUET_SHARE !== undefined
const noiseMs = isLong ? 60_000 : 5_000

/** A small generator whose numbers a seed repeats. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const beginnings = [
  'PROXY ',
  'PROXY TCP4 ',
  'PROXY TCP6 ::1 ',
  '\r\n\r\n\0\r\nQUIT\n',
  '\r\n\r\n\0\r\nQUIT\n\x21\x11',
  'GET / HTTP/1.1\r\n',
  'show stat;',
  'set server l/',
  '',
]

function noise(random: () => number): Buffer {
  const beginning = beginnings[Math.floor(random() * beginnings.length)] ?? ''
  const rest = Buffer.from(Array.from({ length: Math.floor(random() * 400) }, () => Math.floor(random() * 256)))
  return Buffer.concat([Buffer.from(beginning, 'latin1'), rest])
}

/** Sends it in two pieces, then ends, resets or leaves. */
async function send(port: number, bytes: Buffer, random: () => number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.resume()
  const at = Math.floor(random() * bytes.length)
  const way = random()
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
    socket.once('connect', () => {
      socket.write(bytes.subarray(0, at))
      setImmediate(() => {
        if (way < 0.4) socket.end(bytes.subarray(at))
        else if (way < 0.7) socket.resetAndDestroy()
        else socket.write(bytes.subarray(at), () => socket.destroy())
      })
    })
    setTimeout(() => socket.destroy(), 1_000).unref()
  })
}

test(`malformed PROXY headers and random bytes to every port for ${noiseMs / 1_000} s: no crash, no growth`, {
  timeout: noiseMs + 60_000,
}, async () => {
  const [front, proxied, page, socket, api] = await Promise.all(Array.from({ length: 5 }, () => freePort()))
  await using origin = await startOrigin(echoes)
  const config = `global
  hard-stop-after 100ms
  stats socket ipv4@127.0.0.1:${socket} level admin
defaults
  timeout connect 2s
  timeout client 5s
  timeout server 5s
listen l
  mode tcp
  bind 127.0.0.1:${front}
  bind 127.0.0.1:${proxied} accept-proxy
  server s 127.0.0.1:${origin.port}
listen page
  mode http
  bind 127.0.0.1:${page}
  stats enable
`
  await using alacrity = await startAlacrity({ port: front as number, config, args: ['--api', `127.0.0.1:${api}`] })
  const pid = alacrity.server.pid as number
  const seed = Date.now()
  const random = randomFrom(seed)
  const ports = [front, proxied, page, socket, api] as number[]
  const makeNoise = async (ms: number) => {
    const until = performance.now() + ms
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        while (performance.now() < until)
          await send(ports[Math.floor(random() * ports.length)] as number, noise(random), random)
      }),
    )
  }
  await makeNoise(noiseMs / 2)
  const before = residentMB(pid)
  await makeNoise(noiseMs / 2)
  const what = `with seed ${seed}`
  expect(residentMB(pid) - before, what).toBeLessThan(isLong ? 40 : 60)
  expect(alacrity.server.pid, what).toBe(pid)
  expect(alacrity.server.output, what).not.toContain('has died')
  const client = new Client(front as number)
  client.socket.end('still well')
  expect((await client.over).text, what).toBe('still well')
  // Nothing is held on to.
  await waitFor(async () => (await rowOf(socket as number, 'FRONTEND', 'l')).scur === '0', {
    timeoutMs: 20_000,
    what: 'no session left',
  })
})

function residentMB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024
}
