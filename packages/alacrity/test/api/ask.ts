import { connect, type Socket } from 'node:net'

/** What a runtime socket answers to one line until it closes; after `limitMs` the connection is broken off. */
export function ask(at: string | { host: string; port: number }, line: string, limitMs = 10_000): Promise<string> {
  return talk(at, `${line}\n`, { limitMs })
}

/** What comes after these bytes, until the other side closes or `until` has been said. */
export function talk(
  at: string | { host: string; port: number },
  bytes: string,
  { until, limitMs = 10_000 }: { until?: string; limitMs?: number } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: Socket = typeof at === 'string' ? connect(at) : connect(at)
    let said = ''
    const limit = setTimeout(() => socket.destroy(new Error(`no end after ${limitMs} ms: ${said}`)), limitMs)
    socket.setEncoding('utf8')
    socket.on('data', (text) => {
      said += String(text)
      if (until !== undefined && said.endsWith(until)) socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => {
      clearTimeout(limit)
      resolve(said)
    })
    socket.write(bytes)
  })
}
