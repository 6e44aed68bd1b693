import type { HttpCheck, HttpExpect, ServerCheck } from '../config/model.ts'
import { implicitConnect } from './connect.ts'
import { type HttpAnswer, readHttp } from './http-answer.ts'
import { matches } from './matches.ts'
import { type Found, failed, firstLine, type Judge, type Plan, passed } from './steps.ts'

/** What HAProxy takes for well where nothing is said: any 2xx or 3xx. */
const usual: HttpExpect = { kind: 'status', negate: false, ranges: [[200, 399]] }
const unreadable = failed('L7RSP', '')

/** Sends one request, and looks at the answer as far as it needs. `isUp`: see `disableOn404`. */
export function httpPlan(method: HttpCheck, check: ServerCheck, isUp: boolean): Plan {
  const { expect = usual, disableOn404 } = method
  const judge: Judge = (bytes, isLast) => {
    const answer = readHttp(bytes)
    if (answer === 'bad') return unreadable
    if (answer === undefined) return isLast ? unreadable : undefined
    if (answer.code === 404 && disableOn404 && isUp) return { status: 'L7OKC', code: 404, text: '' }
    return judgeAnswer(expect, answer, isLast)
  }
  return {
    steps: [
      implicitConnect(check),
      { kind: 'send', data: request(method) },
      { kind: 'expect', judge, onEmpty: unreadable },
    ],
  }
}

function judgeAnswer(expect: HttpExpect, answer: HttpAnswer, isLast: boolean): Found | undefined {
  if (expect.kind === 'string' || expect.kind === 'rstring') return judgeBody(expect, answer, isLast)
  const isMatch =
    expect.kind === 'rstatus'
      ? matches(expect.pattern, Buffer.from(String(answer.code)))
      : expect.ranges.some(([from, to]) => answer.code >= from && answer.code <= to)
  if (isMatch !== expect.negate) return passed('', answer.code)
  return failed('L7STS', firstLine(Buffer.from(answer.reason, 'latin1')), answer.code)
}

type BodyExpect = Extract<HttpExpect, { kind: 'string' | 'rstring' }>

/** What is not in it yet may still come: only the end of the body is a no. */
function judgeBody(expect: BodyExpect, { code, body, isWhole }: HttpAnswer, isLast: boolean): Found | undefined {
  const isMatch = expect.kind === 'string' ? body.includes(expect.text) : matches(expect.pattern, body)
  const isDone = isWhole || isLast
  if (body.length === 0)
    return isDone ? failed('L7RSP', 'HTTP content check could not find a response body') : undefined
  if (!isMatch && !isDone) return undefined
  if (isMatch !== expect.negate) return passed('', code)
  return failed('L7RSP', `HTTP ${isMatch ? 'check matched unwanted content' : 'content check did not match'}`)
}

/** As HAProxy writes it: names of headers in small letters, and nothing that was not asked for but what must be. */
function request({ method, uri, version, headers, body }: HttpCheck): Buffer {
  const lines = [
    `${method} ${uri} ${version}`,
    ...headers.map(([name, value]) => `${name.toLowerCase()}: ${value}`),
    ...(body === undefined ? [] : [`content-length: ${Buffer.byteLength(body)}`]),
    ...(version === 'HTTP/1.0' ? [] : ['connection: close']),
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`)
}
