import type { ServerCheck } from '../config/model.ts'
import { implicitConnect } from './connect.ts'
import { emptyAt, type Found, failed, type Judge, type Plan, passed } from './steps.ts'

/** LDAPMessage 1: a BindRequest of version 3 with neither name nor password. */
const anonymousBind = Uint8Array.of(0x30, 0x0c, 2, 1, 1, 0x60, 7, 2, 1, 3, 4, 0, 0x80, 0)
const shortest = 14
const sequence = 0x30
/** Message 1, a BindResponse. */
const bindResponse = Buffer.from([2, 1, 1, 0x61])
/** Its result code, an enumeration of one byte. */
const resultCode = Buffer.from([0x0a, 1])

const notLdap = failed('L7RSP', 'Not LDAPv3 protocol')
const unreadable = failed('L7RSP', '')

const judge: Judge = (bytes, isLast) => {
  if (bytes.length < shortest && !isLast) return undefined
  if (bytes[0] !== sequence) return notLdap
  const message = lengthAt(bytes, 1)
  if (message === undefined || message.next + message.length > bytes.length) return isLast ? unreadable : undefined
  return judgeMessage(bytes.subarray(message.next))
}

function judgeMessage(message: Buffer): Found {
  if (message.indexOf(bindResponse) !== 0) return notLdap
  const response = lengthAt(message, bindResponse.length)
  const result = response === undefined ? Buffer.alloc(0) : message.subarray(response.next)
  const code = result[resultCode.length]
  if (result.indexOf(resultCode) !== 0 || code === undefined) return notLdap
  return code === 0 ? passed() : failed('L7STS', 'See RFC: http://tools.ietf.org/html/rfc4511#section-4.1.9', code)
}

/** BER: below 128 the length itself, else how many bytes of it follow. Nothing: those have not come, or are too many. */
function lengthAt(bytes: Buffer, at: number): { length: number; next: number } | undefined {
  const first = bytes[at]
  if (first === undefined) return undefined
  if (first < 0x80) return { length: first, next: at + 1 }
  const count = first & 0x7f
  const next = at + 1 + count
  if (count === 0 || count > 4 || next > bytes.length) return undefined
  return { length: bytes.readUIntBE(at + 1, count), next }
}

/** Binds anonymously. */
export function ldapPlan(check: ServerCheck): Plan {
  return {
    steps: [
      implicitConnect(check),
      { kind: 'send', data: anonymousBind },
      { kind: 'expect', judge, onEmpty: emptyAt(2) },
    ],
  }
}
