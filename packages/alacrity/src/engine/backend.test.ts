import { describe, expect, test } from 'vitest'
import type { ProxyConfig, ServerConfig } from '../config/model.ts'
import { Backend } from './backend.ts'
import { cellsFor, shared, sharedOf, usable } from './cells.ts'
import type { ProxyPlan, ServerPlan } from './plan.ts'

const threads = 1

function serverPlan(id: number, more: Partial<ServerConfig> = {}): ServerPlan {
  const cells = cellsFor(threads)
  const numbers = sharedOf(cells)
  numbers[shared.weight] = 256
  numbers[shared.usable] = usable.yes
  // Not spread: a test may have given it a getter.
  const config = Object.defineProperties({ name: `s${id}`, id, backup: false }, Object.getOwnPropertyDescriptors(more))
  return { serial: id, config: config as ServerConfig, cells }
}

function planOf(algorithm: string, servers: readonly ServerPlan[], backend: SharedArrayBuffer): ProxyPlan {
  const config = { name: 'b', balance: { algorithm }, hashType: 'map-based' } as unknown as ProxyConfig
  return { serial: 1, config, backend, servers }
}

function backendOf(algorithm: string, servers: readonly ServerPlan[]): Backend {
  return new Backend(planOf(algorithm, servers, cellsFor(threads)), 0)
}

function nameOf(backend: Backend, isItsTurn = false, clientAddress = '127.0.0.1'): string {
  const picked = backend.pick({ clientAddress }, undefined, isItsTurn)
  if ('server' in picked && !('full' in picked)) return picked.server.name
  return 'none' in picked ? 'none' : 'full'
}

/** What the control thread does when a server goes out. */
function goesOut({ cells }: ServerPlan, backend: Int32Array): void {
  sharedOf(cells)[shared.usable] = usable.no
  Atomics.add(backend, shared.version, 1)
}

describe('a pick', () => {
  test('a server that goes out while the list is made is out the next time', () => {
    let isLookedAt = () => {}
    const servers = [
      serverPlan(1),
      serverPlan(2),
      serverPlan(3, {
        get backup() {
          isLookedAt()
          return false
        },
      }),
    ]
    const backend = backendOf('source', servers)
    isLookedAt = () => {
      isLookedAt = () => {}
      goesOut(servers[0] as ServerPlan, backend.numbers.shared)
    }
    // 127.0.0.2 is 0 modulo 3, and modulo 2.
    expect(nameOf(backend, false, '127.0.0.2')).toBe('s1')
    expect(nameOf(backend, false, '127.0.0.2')).toBe('s2')
  })

  test('knows other servers at once, also if no state has changed', () => {
    const cells = cellsFor(threads)
    const [one, two, three] = [serverPlan(1), serverPlan(2), serverPlan(3)]
    const backend = new Backend(planOf('source', [one, two, three], cells), 0)
    // It is 2 modulo 3, and 1 modulo 2.
    expect(nameOf(backend)).toBe('s3')
    backend.update(planOf('source', [one, two], cells))
    expect(nameOf(backend)).toBe('s2')
  })

  test('the first backup serves while no other can, or all do', () => {
    const servers = [serverPlan(1), serverPlan(2, { backup: true }), serverPlan(3, { backup: true })]
    const backend = backendOf('roundrobin', servers)
    expect([backend.activeServers, backend.usableServers, nameOf(backend)]).toEqual([1, 1, 's1'])
    goesOut(servers[0] as ServerPlan, backend.numbers.shared)
    expect([backend.activeServers, backend.usableServers, nameOf(backend)]).toEqual([0, 1, 's2'])
    const config = { ...backend.config, allbackups: true }
    backend.update({ ...planOf('roundrobin', servers, cellsFor(threads)), config })
    expect(backend.usableServers).toBe(2)
  })

  test('no more get in than a server takes', () => {
    const servers = [serverPlan(1), serverPlan(2)]
    for (const { cells } of servers) sharedOf(cells)[shared.maxconn] = 2
    const backend = backendOf('leastconn', servers)
    expect(Array.from({ length: 5 }, () => nameOf(backend))).toEqual(['s1', 's2', 's1', 's2', 'full'])
    backend.server('s1')?.numbers.leave()
    expect(nameOf(backend)).toBe('s1')
  })

  test('who comes later takes no place from those who wait for just this server', () => {
    const servers = [serverPlan(1), serverPlan(2)]
    for (const { cells } of servers) sharedOf(cells)[shared.maxconn] = 1
    const backend = backendOf('first', servers)
    backend.server('s1')?.numbers.queue()
    expect(nameOf(backend)).toBe('s2')
    expect(nameOf(backend)).toBe('full')
    expect(nameOf(backend, true)).toBe('s1')
  })
})
