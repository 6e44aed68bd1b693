import { createSocket } from 'node:dgram'
import { decode, encode, type StringAnswer } from 'dns-packet'

/** A name server of the test's own. Names that it does not have do not exist. */
export interface NameServer extends AsyncDisposable {
  readonly port: number
  /** Addresses by name; may be changed while it runs. */
  readonly names: Map<string, readonly string[]>
  /** How many questions it was asked. */
  readonly asked: number
  /** What it cannot answer now: it says so (SERVFAIL). */
  readonly failing: Set<string | undefined>
}

export async function startNameServer(): Promise<NameServer> {
  let asked = 0
  const names = new Map<string, readonly string[]>()
  const failing = new Set<string | undefined>()
  const socket = createSocket('udp4')
  socket.on('message', (message, { port, address }) => {
    asked++
    const query = decode(message)
    const [question] = query.questions ?? []
    const addresses = question && names.get(question.name)
    const answers = failing.has(question?.type)
      ? []
      : (addresses ?? [])
          .map((data): StringAnswer => ({ type: typeOf(data), name: question?.name ?? '', ttl: 1, data }))
          .filter(({ type }) => type === question?.type)
    // 2: it failed. 3: there is no such name.
    const flags = 0x0100 | (failing.has(question?.type) ? 2 : addresses ? 0 : 3)
    socket.send(
      encode({ type: 'response', id: query.id ?? 0, flags, questions: query.questions ?? [], answers }),
      port,
      address,
    )
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return {
    port: socket.address().port,
    names,
    failing,
    get asked() {
      return asked
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => socket.close(resolve))
    },
  }
}

function typeOf(address: string): 'A' | 'AAAA' {
  return address.includes(':') ? 'AAAA' : 'A'
}
