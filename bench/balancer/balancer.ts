import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ChildServer, needHAProxy, startServer } from '@tourniquet/testkit'
import { type Ports, withPorts } from './configuration.ts'
import { cpus, pinnedTo } from './cpus.ts'
import { install } from './installed.ts'

/** A balancer that is measured. */
export interface Balancer {
  readonly name: string
  /** The Node that it runs on; none: it is the one that all are compared with. */
  readonly nodeMajor?: number
  readonly command: readonly string[]
}

/** One that runs, alone on the first CPU, with one data thread. */
export interface Running {
  readonly server: ChildServer
  readonly ports: Ports
}

/** HAProxy first, then ours as it ships, on each of these Nodes. */
export async function balancers(folder: string, nodes: readonly string[]): Promise<Balancer[]> {
  const program = install('alacrity', folder)
  const haproxy = await needHAProxy()
  const [version = ''] = /\d+\.\d+\.\d+/.exec(outputOf(haproxy, '-v')) ?? []
  const ours = new Map(nodes.map((node) => [outputOf(node, '--version').trim().slice(1), node]))
  return [
    { name: `HAProxy ${version}`, command: [haproxy, '-db'] },
    ...[...ours].map(([version, node]) => ({
      name: `alacrity, Node ${version}`,
      nodeMajor: Number.parseInt(version, 10),
      command: [node, program],
    })),
  ]
}

/** Starts it with a configuration that is the same for all but for the ports it listens on. */
export async function startBalancer(balancer: Balancer, folder: string, origins: Ports): Promise<Running> {
  const { text, ports } = await withPorts(origins)
  const file = join(folder, `${ports.web}.cfg`)
  writeFileSync(file, text)
  const [command, ...args] = pinnedTo(cpus.first, [...balancer.command, '-f', file])
  const server = await startServer({ name: balancer.name, command, args, port: ports.web, startTimeoutMs: 20_000 })
  return { server, ports }
}

function outputOf(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: 'utf8' })
}
