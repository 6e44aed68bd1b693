import { waitFor } from '@tourniquet/testkit'
import { describe, expect, test } from 'vitest'
import { Client } from '../parts/client.ts'
import { pairOfFile } from '../parts/pair.ts'
import type { Stage } from '../parts/stage.ts'

/** Seeds that have once shown a difference belong here for ever; the last one is new in each run, and is printed. */
const seeds = [1, 2, 3, Number(process.env.SEED ?? Date.now() % 1_000_000)]
const scriptsPerSeed = 25

/** What client (`c`) and server (`s`) do, one after the other; each waits for what the other has sent. */
type Step = { readonly who: 'c' | 's'; readonly does: 'send' | 'end' | 'reset'; readonly bytes: number }

const pair = pairOfFile({
  origins: { s: (socket) => void socket.pause() },
  config: (at) => `listen l
  bind ${at('l')}
  server s ${at('s')}
`,
})

/** Small, quick and always the same (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

function scriptOf(random: (below: number) => number): Step[] {
  const steps: Step[] = []
  const open = new Set<Step['who']>(['c', 's'])
  while (open.size > 0 && steps.length < 12) {
    const who = [...open][random(open.size)] as Step['who']
    const dice = random(10)
    const does = dice < 7 ? 'send' : dice < 9 ? 'end' : 'reset'
    steps.push({ who, does, bytes: does === 'send' ? 1 + random(random(4) === 0 ? 200_000 : 100) : 0 })
    if (does === 'reset') return steps
    if (does === 'end') open.delete(who)
  }
  for (const who of open) steps.push({ who, does: 'end', bytes: 0 })
  return steps
}

/** One side of the conversation: what it has got, and how it ended. */
class Side {
  readonly socket: Client['socket']
  got = 0
  end: 'open' | 'end' | 'reset' = 'open'

  constructor(socket: Client['socket']) {
    this.socket = socket
    socket.on('data', (chunk: Buffer | string) => {
      this.got += chunk.length
    })
    socket.on('end', () => {
      this.end = 'end'
    })
    socket.on('error', () => {
      this.end = 'reset'
    })
    socket.resume()
  }

  get isOver(): boolean {
    return this.end !== 'open' || this.socket.destroyed
  }
}

async function play(stage: Stage, script: readonly Step[]) {
  const { accepted } = stage.origin('s')
  const before = accepted.length
  const c = new Side(new Client(stage.port('l')).socket)
  await waitFor(() => accepted.length > before, { what: 'the server to be connected' })
  const s = new Side(accepted[before] as Client['socket'])
  const sides = { c, s }
  const sent = { c: 0, s: 0 }
  for (const { who, does, bytes } of script) {
    const [self, other] = who === 'c' ? [c, s] : [s, c]
    if (does === 'send') self.socket.write(Buffer.alloc(bytes, who))
    else if (does === 'end') self.socket.end()
    else self.socket.resetAndDestroy()
    sent[who] += bytes
    if (does === 'send') await waitFor(() => other.got === sent[who], { what: `${bytes} bytes behind ${stage.name}` })
    else await waitFor(() => other.isOver, { what: `${does} of ${who} behind ${stage.name}` })
  }
  for (const side of [c, s]) side.socket.destroy()
  await waitFor(async () => (await stage.row('l', 'FRONTEND')).scur === '0', { what: 'the end of the session' })
  return { got: { c: sides.c.got, s: sides.s.got }, ends: { c: c.end, s: s.end } }
}

/** Whom a reset is for. Behind HAProxy it is often an orderly end, behind alacrity never: see differences.ts. */
function resetSide(script: readonly Step[]): Step['who'] | undefined {
  const by = script.find(({ does }) => does === 'reset')?.who
  return by && (by === 'c' ? 's' : 'c')
}

describe('conversations at random', () => {
  test.each(seeds)('seed %i', async (seed) => {
    const random = randomOf(seed)
    for (let at = 0; at < scriptsPerSeed; at++) {
      const script = scriptOf(random)
      const { haproxy, alacrity } = await pair.both((stage) => play(stage, script))
      const side = resetSide(script)
      const hadEnded = side && script.some(({ who, does }) => who !== side && does === 'end')
      const ends = side && !hadEnded ? { ...haproxy.ends, [side]: 'reset' } : haproxy.ends
      expect(alacrity, JSON.stringify(script)).toEqual({ ...haproxy, ends })
    }
    for (const column of ['stot', 'bin', 'bout', 'lbtot', 'connect', 'smax', 'scur', 'econ', 'wretr', 'wredis']) {
      const counts = await pair.both(async (stage) => (await stage.row('l', 'BACKEND'))[column])
      expect(counts.alacrity, column).toBe(counts.haproxy)
    }
  })
})
