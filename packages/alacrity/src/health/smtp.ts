import type { ServerCheck } from '../config/model.ts'
import { implicitConnect } from './connect.ts'
import { emptyAt, type Found, failed, firstLine, type Judge, type Plan, passed } from './steps.ts'

/** A reply is `220 words`: three digits, a space (`-` on all lines but the last), and words. */
const reply = /^\d{3}[ \r]/
const good = /^2\d\d[ \r]/
const goodOfManyLines = /^(?:2\d\d-[^\r]*\r\n)*2\d\d[ \r]/
const goodOrMore = /^2\d\d[- \r]/
const replyLength = 4

const greeting: Judge = (bytes, isLast) => {
  if (bytes.length < replyLength && !isLast) return undefined
  const words = bytes.toString('latin1')
  if (!reply.test(words)) return failed('L7RSP', firstLine(bytes))
  return good.test(words) ? answered(bytes) : refused(bytes)
}

/** Other words than good ones may still be followed by them: only the end of the connection is a no, as in HAProxy. */
const hello: Judge = (bytes, isLast) => {
  if (goodOfManyLines.test(bytes.toString('latin1'))) return answered(bytes)
  return isLast ? refused(bytes) : undefined
}

const goodbye: Judge = (bytes, isLast) => {
  if (bytes.length < replyLength && !isLast) return undefined
  return goodOrMore.test(bytes.toString('latin1')) ? answered(bytes) : refused(bytes)
}

function answered(bytes: Buffer): Found {
  return passed(firstLine(bytes.subarray(replyLength)), codeOf(bytes))
}

function refused(bytes: Buffer): Found {
  return failed('L7STS', firstLine(bytes.subarray(replyLength)), codeOf(bytes))
}

function codeOf(bytes: Buffer): number {
  return Number.parseInt(bytes.toString('latin1', 0, 3), 10) || 0
}

/** Waits for the greeting, says hello and goodbye. */
export function smtpPlan(words: string, check: ServerCheck): Plan {
  return {
    steps: [
      implicitConnect(check),
      { kind: 'expect', judge: greeting, onEmpty: emptyAt(2) },
      { kind: 'send', data: Buffer.from(`${words}\r\n`) },
      { kind: 'expect', judge: hello, onEmpty: emptyAt(5, 'L7STS') },
      { kind: 'send', data: Buffer.from('QUIT\r\n') },
      { kind: 'expect', judge: goodbye, onEmpty: emptyAt(7, 'L7STS') },
    ],
    politely: true,
  }
}
