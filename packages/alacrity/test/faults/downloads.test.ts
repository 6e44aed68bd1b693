import { connect, type Socket } from 'node:net'
import { freePort, waitFor } from '@tourniquet/testkit'
import { expect, test } from 'vitest'
import { startAlacrity } from '../parts/alacrity.ts'
import { startOrigin } from '../parts/origin.ts'

const length = 2 * 1024 * 1024
const clients = 16

/** Four bytes each: whose it is, and where it stands. */
function contentOf(id: number): Buffer {
  const words = Uint32Array.from({ length: length / 4 }, (_, at) => id * 2 ** 24 + at)
  return Buffer.from(words.buffer)
}

/** Is told in a byte whose content to send. */
function sendsContent(socket: Socket): void {
  socket.once('data', ([id = 0]) => void send(socket, contentOf(id)))
}

/** In pieces of many sizes. */
async function send(socket: Socket, content: Buffer): Promise<void> {
  for (let at = 0, size = 1; at < length; at += size, size = (size * 3) % 200_003) {
    if (!socket.write(content.subarray(at, at + size))) await new Promise((resolve) => socket.once('drain', resolve))
  }
  socket.end()
}

/** Reads all; if it is slow, it stops on the way until it is let go on. */
function download(port: number, id: number, goOn?: Promise<void>) {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.write(Buffer.of(id))
  socket.on('data', (chunk) => {
    chunks.push(chunk)
    if (!goOn || chunks.length % 8 > 0) return
    socket.pause()
    void goOn.then(() => socket.resume())
  })
  return new Promise<Buffer>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('end', () => resolve(Buffer.concat(chunks)))
  })
}

test('downloads that share a thread, some of them stalled, do not get into each other', {
  timeout: 120_000,
}, async () => {
  const front = await freePort()
  await using origin = await startOrigin(sendsContent)
  const config = `defaults
  mode tcp
  timeout connect 2s
  timeout client 60s
  timeout server 60s
listen l
  bind 127.0.0.1:${front}
  server a 127.0.0.1:${origin.port}
`
  await using _alacrity = await startAlacrity({ port: front, config })
  let letGoOn = (): void => {}
  const goOn = new Promise<void>((resolve) => (letGoOn = resolve))
  const ids = Array.from({ length: clients }, (_, id) => id)
  const slow = ids.filter((id) => id % 2 === 1).map((id) => ({ id, content: download(front, id, goOn) }))
  await waitFor(() => origin.accepted.length === slow.length, { what: 'the slow ones' })
  const fast = ids.filter((id) => id % 2 === 0).map((id) => ({ id, content: download(front, id) }))
  await Promise.all(fast.map(({ content }) => content))
  letGoOn()
  for (const { id, content } of [...fast, ...slow])
    expect((await content).equals(contentOf(id)), `client ${id}`).toBe(true)
})
