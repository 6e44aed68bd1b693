import type { ServerCheck } from '../config/model.ts'
import { implicitConnect } from './connect.ts'
import { emptyAt, failed, firstLine, type Judge, type Plan, passed } from './steps.ts'

const protocol3 = 196_608
/** `E`, its length, and the letter of its first field. */
const errorText = 6
/** `R`, its length (which is below 256), and which way to log in it asks for. */
const authentication = Buffer.from([0x52, 0, 0, 0])
const authenticationLength = 9
/** Ways to log in, as HAProxy knows them: OK, Kerberos, clear text, crypt, MD5, SCM, GSS, SSPI, SASL. */
const known: ReadonlySet<number> = new Set([0, 2, 3, 4, 5, 6, 7, 9, 10])

/** PostgreSQL's severity comes first: `FATAL`. */
const judge: Judge = (bytes, isLast) => {
  if (bytes.length < 5 && !isLast) return undefined
  if (bytes[0] === 0x45) return failed('L7RSP', firstLine(bytes.subarray(errorText)))
  if (bytes.length < authenticationLength && !isLast) return undefined
  return isAuthentication(bytes) ? passed('PostgreSQL server is ok') : failed('L7STS', 'PostgreSQL unknown error')
}

function isAuthentication(bytes: Buffer): boolean {
  if (bytes.length < authenticationLength || bytes.indexOf(authentication) !== 0) return false
  const way = bytes.readUInt32BE(5)
  return known.has(way)
}

/** Introduces itself as `user`: whatever the server asks for then, it is well. */
export function pgsqlPlan(user: string, check: ServerCheck): Plan {
  return {
    steps: [
      implicitConnect(check),
      { kind: 'send', data: startup(user) },
      { kind: 'expect', judge, onEmpty: emptyAt(3) },
    ],
    politely: true,
  }
}

function startup(user: string): Buffer {
  const words = Buffer.from(`user\0${user}\0\0`)
  const head = Buffer.alloc(8)
  head.writeUInt32BE(head.length + words.length)
  head.writeUInt32BE(protocol3, 4)
  return Buffer.concat([head, words])
}
