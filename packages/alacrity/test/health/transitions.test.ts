import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { freePort, waitFor } from '@tourniquet/testkit'
import { afterEach, expect, test } from 'vitest'
import { describeChange } from '../../src/health/describe.ts'
import { HealthWatch } from '../../src/health/watch.ts'
import { serverCheck } from './check-options.ts'
import { type CheckingHAProxy, startHAProxy } from './haproxy.ts'

// One server is checked by HAProxy, its twin by us. Both get the same answers, one check after the other: what is
// looked at is what the two say while the next check waits for its answer.

const checks = { interMs: 250, fastinterMs: 20, downinterMs: 30, rise: 2, fall: 3 }
const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

/** A server that answers a check when it is told to. */
class Twin {
  readonly #waiting: Socket[] = []

  static async start(port: number): Promise<Twin> {
    const twin = new Twin()
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => twin.#waiting.push(socket))
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    cleanUp.push(() => server.close())
    cleanUp.push(() => twin.#waiting.forEach((socket) => void socket.destroy()))
    return twin
  }

  async asked(): Promise<void> {
    await waitFor(() => this.#waiting.length > 0, { what: 'a check to come' })
  }

  answer(code: number): void {
    this.#waiting.shift()?.end(`HTTP/1.1 ${code} X\r\nContent-Length: 0\r\n\r\n`)
  }
}

async function startTheirs(port: number, logs: string[]): Promise<CheckingHAProxy> {
  const log = createSocket('udp4', (message) => logs.push(String(message).trim()))
  log.bind(0, '127.0.0.1')
  await once(log, 'listening')
  cleanUp.push(() => log.close())
  const { interMs, fastinterMs, downinterMs, rise, fall } = checks
  const lines = ['option log-health-checks', 'option httpchk', 'http-check disable-on-404', 'timeout check 20s']
  const words = `check inter ${interMs} fastinter ${fastinterMs} downinter ${downinterMs} rise ${rise} fall ${fall}`
  const section = ['backend b', ...lines, `server s1 127.0.0.1:${port} ${words}`].join('\n')
  const haproxy = await startHAProxy(section, log.address().port)
  cleanUp.push(() => haproxy[Symbol.asyncDispose]())
  return haproxy
}

function startOurs(port: number, logs: string[]): HealthWatch {
  const http = {
    kind: 'http',
    method: 'OPTIONS',
    uri: '/',
    version: 'HTTP/1.0',
    headers: [],
    disableOn404: true,
  } as const
  const watch = new HealthWatch({
    check: serverCheck(checks),
    method: http,
    timeouts: { checkMs: 20_000 },
    target: () => ({ host: '127.0.0.1', port }),
    onChange: (event) => {
      const counts = { active: event.health.status === 'up' ? 1 : 0, backup: 0, sessions: 0, requeued: 0, queued: 0 }
      const around = { backend: 'b', server: 's1', isBackup: false, ...counts, logHealthChecks: true }
      logs.push(...describeChange(event, around).map(({ text }) => text))
    },
  })
  watch.start()
  cleanUp.push(() => watch.stop())
  return watch
}

const answers = [
  200,
  200,
  503,
  503,
  200,
  200,
  503,
  200,
  503,
  503,
  503,
  503,
  200,
  503,
  200,
  200,
  404,
  404,
  503,
  200,
  404,
  503,
  503,
  404,
  503,
  503,
  503,
  404,
  404,
  200,
  404,
  200,
  200,
  'down',
  200,
  200,
  'stopping',
  200,
  'stopping',
  503,
  200,
  'down',
  'up',
  503,
  200,
] as const

test('a server goes up and down as with HAProxy, and the log says so in the same words', async () => {
  const [theirPort, ourPort] = [await freePort(), await freePort()]
  const [theirTwin, ourTwin] = [await Twin.start(theirPort), await Twin.start(ourPort)]
  const [theirLogs, ourLogs]: [string[], string[]] = [[], []]
  const haproxy = await startTheirs(theirPort, theirLogs)
  const watch = startOurs(ourPort, ourLogs)
  const theirs: unknown[] = []
  const ours: unknown[] = []
  for (const answer of answers) {
    await Promise.all([theirTwin.asked(), ourTwin.asked()])
    if (typeof answer === 'string') {
      await haproxy.command(`set server b/s1 health ${answer}`)
      watch.force(answer)
    } else {
      theirTwin.answer(answer)
      ourTwin.answer(answer)
      await Promise.all([theirTwin.asked(), ourTwin.asked()])
    }
    theirs.push([answer, ...(await rowOf(haproxy))])
    ours.push([answer, ...rowOfOurs(watch)])
  }
  expect(ours).toEqual(theirs)
  const quiet = (lines: string[]): string[] => lines.map((line) => line.replace(/duration: \d+ms/, 'duration: some ms'))
  const about = quiet(theirLogs).filter((line) => line.includes('b/s1'))
  expect(quiet(ourLogs)).toEqual(about)
  expect(about.length).toBeGreaterThan(30)
})

async function rowOf(haproxy: CheckingHAProxy): Promise<unknown[]> {
  const row = await haproxy.row('b', 's1')
  const { status = '', check_health, check_status, check_rise, check_fall, chkfail, chkdown } = row
  const word = status.split(' ')[0]
  return [word, check_health, check_status?.replace('* ', ''), check_rise, check_fall, chkfail, chkdown]
}

function rowOfOurs({ health, counts }: HealthWatch): unknown[] {
  const { status, level, rise, fall, last } = health
  const numbers = [level, last?.status, rise, fall, counts.failed, counts.downs]
  return [status.toUpperCase(), ...numbers.map(String)]
}
