import { isIPv6 } from 'node:net'
import { CommandError, type NewServer } from '../api/watched.ts'
import type { ProxyConfig, ServerConfig } from '../config/model.ts'

const heaviest = 256

/** A server that was added at run time, as if it stood in the file: the rest is as with the other servers of its backend. */
export function newServerConfig(proxy: ProxyConfig, server: NewServer): ServerConfig {
  const pattern = proxy.servers[0]
  const { check: isChecked = pattern?.check !== undefined } = server
  const check = isChecked ? (pattern?.check ?? defaultCheck) : undefined
  return {
    name: named(server.name),
    id: 1 + proxy.servers.reduce((largest, { id }) => Math.max(largest, id), 0),
    place: proxy.place,
    address: addressOf(server.address),
    weight: weightIn(server.weight ?? pattern?.weight ?? 1),
    backup: server.backup ?? false,
    disabled: false,
    maxconn: server.maxconn ?? pattern?.maxconn ?? 0,
    minconn: 0,
    maxqueue: pattern?.maxqueue ?? 0,
    slowstartMs: pattern?.slowstartMs ?? 0,
    ...(pattern?.sendProxy && { sendProxy: pattern.sendProxy }),
    ...(pattern?.onMarkedDown && { onMarkedDown: pattern.onMarkedDown }),
    ...(pattern?.onMarkedUp && { onMarkedUp: pattern.onMarkedUp }),
    ...(check && { check }),
    ...(pattern?.observe && { observe: pattern.observe }),
    initAddr: ['libc'],
  }
}

const defaultCheck: NonNullable<ServerConfig['check']> = {
  interMs: 2_000,
  fastinterMs: 2_000,
  downinterMs: 2_000,
  fall: 3,
  rise: 2,
  tls: false,
}

/** `50`, or `50%` of what the configuration says, as a weight. */
export function weightOf(text: string, initial: number): number {
  const match = /^(\d+)(%?)$/.exec(text)
  if (!match)
    throw new CommandError(
      'invalid',
      `weight ${text}: a number from 0 to ${heaviest} was expected, or a percentage such as 50%`,
    )
  const value = Number(match[1])
  return weightIn(match[2] ? Math.ceil((initial * value) / 100) : value)
}

function weightIn(weight: number): number {
  if (Number.isInteger(weight) && weight >= 0 && weight <= heaviest) return weight
  throw new CommandError('invalid', `weight ${weight}: a whole number from 0 to ${heaviest} was expected`)
}

function named(name: string): string {
  if (/^[\w.:-]+$/.test(name)) return name
  throw new CommandError('invalid', `name ${JSON.stringify(name)}: letters, digits and - _ . : were expected`)
}

function addressOf(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:\s[\]]+)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  const host = match?.[1] ?? match?.[2]
  const isValid = host !== undefined && port >= 1 && port <= 65_535 && (match?.[1] === undefined || isIPv6(host))
  if (!isValid)
    throw new CommandError(
      'invalid',
      `address ${JSON.stringify(text)}: host:port was expected, such as 10.0.0.1:5432 or [::1]:5432`,
    )
  return { host, port }
}
