import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ChildServer } from '@tourniquet/testkit'
import { fromLastCpu } from './from-last-cpu.ts'
import { counted, type Done } from './load.ts'

const clients = 10

/** So many transactions of each client: a row is read. */
export async function pgbench(port: number, each: number, more: readonly string[] = []): Promise<Done> {
  const output = await fromLastCpu('pgbench', [...at(port), '-n', '-S', '-c', `${clients}`, '-t', `${each}`, ...more])
  return counted(clients * each, Number(/actually processed: (\d+)/.exec(output)?.[1] ?? 0))
}

/** Makes the tables that it reads. */
export async function fillFor({ port }: ChildServer): Promise<void> {
  await promisify(execFile)('pgbench', [...at(port), '-i', '-q'])
}

function at(port: number): string[] {
  return ['-h', '127.0.0.1', '-p', `${port}`, '-U', 'postgres', '-d', 'postgres']
}
