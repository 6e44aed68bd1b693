import type { ServerCheck } from '../config/model.ts'
import { implicitConnect } from './connect.ts'
import { emptyAt, failed, firstLine, type Judge, type Plan, passed } from './steps.ts'

const ping = Buffer.from('*1\r\n$4\r\nPING\r\n')
const pong = '+PONG\r\n'

const judge: Judge = (bytes, isLast) => {
  if (bytes.includes(pong)) return passed('Redis server is ok')
  return isLast ? failed('L7STS', firstLine(bytes)) : undefined
}

/** Asks PING. */
export function redisPlan(check: ServerCheck): Plan {
  return {
    steps: [
      implicitConnect(check),
      { kind: 'send', data: ping },
      { kind: 'expect', judge, onEmpty: emptyAt(2, 'L7STS') },
    ],
  }
}
