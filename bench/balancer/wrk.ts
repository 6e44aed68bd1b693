import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findProgram } from '../../packages/testkit/src/install/find-program.ts'
import { needProgram } from '../../packages/testkit/src/install/need-program.ts'
import { cpus, pinnedTo } from './cpus.ts'
import type { Done } from './load.ts'

const script = fileURLToPath(new URL('wrk.lua', import.meta.url))

export interface WrkOptions {
  readonly port: number
  readonly seconds: number
  readonly connections: number
  readonly headers?: readonly string[]
  /** How long each connection waits before its next request, on average, in milliseconds. Default 0: no more than it must. */
  readonly pauseMs?: number
}

/** Requests over so many connections at once, from the last CPU. */
export async function wrk({
  port,
  seconds,
  connections,
  headers = [],
  pauseMs = 0,
}: WrkOptions): Promise<Done & { bytes: number }> {
  const program = await needWrk()
  const words = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, ...headers.flatMap((each) => ['-H', each])]
  const [command, ...args] = pinnedTo(cpus.last, [program, ...words, `http://127.0.0.1:${port}/`, '--', `${pauseMs}`])
  const { stdout } = await promisify(execFile)(command, args)
  return JSON.parse(stdout.slice(stdout.lastIndexOf('{'))) as Done & { bytes: number }
}

/** @throws Error that says how to install it */
async function needWrk(): Promise<string> {
  const find = () => findProgram('wrk')
  return await needProgram({ program: 'wrk', find, debian: { name: 'wrk' }, brew: 'wrk' })
}
