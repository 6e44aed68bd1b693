import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ChildServer, freePort, startServer, waitFor } from '@tourniquet/testkit'
import { findProgram } from '../../../testkit/src/install/find-program.ts'
import { needProgram } from '../../../testkit/src/install/need-program.ts'
import { ask } from './ask.ts'
import { sampleText } from './sample.ts'

/** The real program with the sample's configuration: its servers `a` and `b` are up. */
export interface RealHaproxy extends AsyncDisposable {
  readonly socket: string
  readonly http: string
}

export async function startHaproxy(): Promise<RealHaproxy> {
  const folder = mkdtempSync(join(tmpdir(), 'alacrity-haproxy-'))
  const socket = join(folder, 'haproxy.sock')
  const http = await freePort()
  // Its own HTTP section is what its two checked servers are, too: nothing else has to run.
  const text = sampleText({ socket, a: http, b: http, listen: await freePort(), http })
  writeFileSync(join(folder, 'haproxy.cfg'), text)
  const server = await launch(join(folder, 'haproxy.cfg'), http)
  await waitFor(() => isUp(socket), { what: 'the checks of both servers' })
  const stop = async (): Promise<void> => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { socket, http: `http://127.0.0.1:${http}`, [Symbol.asyncDispose]: stop }
}

async function isUp(socket: string): Promise<boolean> {
  const states = await ask(socket, 'show servers state db')
  return ['1 a', '2 b'].every((server) => new RegExp(`^2 db ${server} \\S+ 2 .* 6 3 4 6 `, 'm').test(states))
}

async function launch(file: string, port: number): Promise<ChildServer> {
  const find = (): string | undefined => findProgram('haproxy') ?? findProgram('haproxy', ['/usr/sbin'])
  const command = await needProgram({ program: 'haproxy', find, debian: { name: 'haproxy' }, brew: 'haproxy' })
  return await startServer({ command, args: ['-db', '-f', file], port })
}
