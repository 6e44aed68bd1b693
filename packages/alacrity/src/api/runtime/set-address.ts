import { isIP } from 'node:net'
import { type CommandContext, Refused } from './command.ts'
import { serverOf } from './find.ts'
import { texts } from './texts.ts'

const by = "by 'stats socket command'\n"

/** `set server <b>/<s> addr <ip> [port <port>]`: tells what has changed, in HAProxy's words. */
export function setAddress({ watched, args: [name, host, word, wantedPort] }: CommandContext): string {
  const server = serverOf(watched, name)
  if (!host) throw new Refused(texts.addressExpected)
  if (isIP(host) === 0) throw new Refused(`Invalid addr '${host}' ${by}`)
  const told = [host === server.host ? 'no need to change the addr' : `IP changed from '${server.host}' to '${host}'`]
  const port = word === 'port' && wantedPort ? portOf(wantedPort, told[0]!) : undefined
  if (port !== undefined) told.push(portText(server.port, port))
  if (host !== server.host || (port !== undefined && port !== server.port)) {
    watched.setAddress(server.backend, server.name, host, port)
  }
  return `${told.join(', ')} ${by}`
}

/** HAProxy takes 99999 too, and makes 34463 of it: here that is refused, and nothing is changed. */
function portOf(text: string, told: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : 0
  if (port < 1 || port > 65_535) throw new Refused(`${told}, problem converting port '${text}' to an int ${by}`)
  return port
}

function portText(from: number, to: number): string {
  return from === to ? 'no need to change the port' : `port changed from '${from}' to '${to}'`
}
