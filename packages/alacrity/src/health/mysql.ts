import type { CheckMethod, ServerCheck } from '../config/model.ts'
import { implicitConnect } from './connect.ts'
import { emptyAt, type Found, failed, firstLine, type Judge, type Plan, passed, type Step } from './steps.ts'

type MysqlCheck = Extract<CheckMethod, { kind: 'mysql' }>

const headLength = 4
const errorMark = 0xff
/** The mark, and the error's number. */
const errorHead = 3
const unreadable = failed('L7RSP', '')
const quit = packet(0, Buffer.of(1))

/** One packet after the other, `count` of them: none of them may be an error. */
function judgePackets(count: number): Judge {
  return (bytes, isLast) => {
    let rest = bytes
    for (let index = 0; index < count; index++) {
      if (rest.length < headLength) return isLast ? unreadable : undefined
      const end = headLength + rest.readUIntLE(0, 3)
      if (rest.length < end) return isLast ? unreadable : undefined
      const error = errorIn(rest.subarray(headLength, end))
      if (error !== undefined) return error
      rest = rest.subarray(end)
    }
    return passed()
  }
}

function errorIn(body: Buffer): Found | undefined {
  if (body[0] !== errorMark) return undefined
  const code = body.length < errorHead ? 0 : body.readUInt16LE(1)
  return failed('L7STS', firstLine(body.subarray(errorHead)), code)
}

/** Without a user the server's greeting will do; with one it logs in, and out, so that the server counts no failure. */
export function mysqlPlan({ user, version }: MysqlCheck, check: ServerCheck): Plan {
  const connect = implicitConnect(check)
  if (user === undefined) {
    return { steps: [connect, { kind: 'expect', judge: judgePackets(1), onEmpty: emptyAt(2) }], politely: true }
  }
  const login = version === 'pre-41' ? loginBefore41(user) : loginSince41(user)
  const send: Step = { kind: 'send', data: Buffer.concat([packet(1, login), quit]) }
  return { steps: [connect, send, { kind: 'expect', judge: judgePackets(2), onEmpty: emptyAt(3) }], politely: true }
}

/** Protocol 4.1 and secure connections; packets of 16 MB; UTF-8; 23 bytes of nothing; no password. */
function loginSince41(user: string): Buffer {
  const head = Buffer.of(0x00, 0x82, 0, 0, 0x00, 0x80, 0, 1, 33)
  return Buffer.concat([head, Buffer.alloc(23), Buffer.from(`${user}\0\0`)])
}

/** The same before 4.1: 16 bits of what it can do, 24 of how long a packet may be. */
function loginBefore41(user: string): Buffer {
  return Buffer.concat([Buffer.of(0x00, 0x80, 0, 0, 1), Buffer.from(`${user}\0\0`)])
}

function packet(sequence: number, body: Buffer): Buffer {
  const head = Buffer.alloc(headLength)
  head.writeUIntLE(body.length, 0, 3)
  head[3] = sequence
  return Buffer.concat([head, body])
}
