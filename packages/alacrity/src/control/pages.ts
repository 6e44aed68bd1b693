import type { Socket } from 'node:net'
import { httpServer } from '../api/http/server.ts'
import { httpSection } from '../api/http-section.ts'
import type { Watched } from '../api/watched.ts'
import type { BindConfig } from '../config/model.ts'
import { counted } from '../engine/cells.ts'
import { Numbers } from '../engine/numbers.ts'
import { bindFailed, freePath, keyOfBind } from './bind-errors.ts'
import type { Gate } from './gates.ts'
import type { LiveProxy } from './live-proxy.ts'
import type { OpenGate } from './own-gates.ts'
import type { Staged } from './staging.ts'

/** Where a section of `mode http` (the page, `/metrics`) is served: the control thread does that itself. */
export interface PageGate extends Gate {
  readonly bind: BindConfig
  readonly section: LiveProxy
}

export function pagesOf(staged: readonly Staged[]): PageGate[] {
  return staged
    .filter(({ config, proxy }) => config.mode === 'http' && !config.disabled && proxy.isEnabled)
    .flatMap(({ config, proxy: section }) =>
      config.binds.map((bind) => ({ key: keyOfBind(bind), at: bind.at, isShared: false, bind, section })),
    )
}

/** @throws Error that names the line, where an address cannot be listened on */
export async function openPage({ bind, section: first }: PageGate, watched: Watched): Promise<OpenGate<PageGate>> {
  let section = first
  const server = httpServer((request, response) => httpSection(section.config, watched)(request, response))
  server.on('connection', (socket) => count(socket, section))
  await freePath(bind)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new Error(bindFailed(bind, error), { cause: error })))
    server.listen('path' in bind.at ? { path: bind.at.path } : { ...bind.at, ipv6Only: !bind.v4v6 }, resolve)
  })
  server.on('error', () => {})
  return {
    update: (gate) => {
      section = gate.section
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** A page is a frontend too, and shows itself. */
function count(socket: Socket, { frontend }: LiveProxy): void {
  if (!frontend) return
  const numbers = new Numbers(frontend.cells, 0)
  numbers.enter()
  numbers.add(counted.connTot, 1)
  numbers.add(counted.stot, 1)
  socket.once('close', () => {
    numbers.leave()
    numbers.add(counted.bin, socket.bytesRead)
    numbers.add(counted.bout, socket.bytesWritten)
  })
}
