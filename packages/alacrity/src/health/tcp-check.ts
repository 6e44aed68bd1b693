import type { CheckMethod, ServerCheck, TcpCheckStep } from '../config/model.ts'
import { implicitConnect } from './connect.ts'
import { matches } from './matches.ts'
import { emptyAt, failed, firstLine, type Judge, type Plan, passed, type Step } from './steps.ts'

type TcpCheck = Extract<CheckMethod, { kind: 'tcp-check' }>
type Expect = Extract<TcpCheckStep, { kind: 'expect' }>

const remark = '(tcp-check)'

/** What the file says, step by step. None: connecting is enough. */
export function tcpCheckPlan({ steps }: TcpCheck, check: ServerCheck): Plan {
  const isImplicit = steps[0]?.kind !== 'connect'
  const first = isImplicit ? [implicitConnect(check, ' at initial connection step of tcp-check')] : []
  if (steps.length === 0) return { steps: first }
  const isTls = check.tls || steps.some((step) => step.kind === 'connect' && step.tls)
  const connected = { status: isTls ? 'L6OK' : 'L4OK', text: remark } as const
  const onPassed = steps.every(({ kind }) => kind === 'connect') ? connected : passed(remark)
  return { steps: [...first, ...steps.map((step, index) => stepOf(step, index + 1, check))], onPassed }
}

function stepOf(step: TcpCheckStep, number: number, check: ServerCheck): Step {
  const where = whereOf(step, number)
  if (step.kind === 'send') return { kind: 'send', data: step.data, where }
  if (step.kind === 'expect') {
    return { kind: 'expect', judge: judgeOf(step, number), onEmpty: emptyAt(number, 'L7RSP', step.comment), where }
  }
  const { port, tls, sendProxy } = step
  return {
    kind: 'connect',
    tls,
    where,
    ...(port !== undefined && { port }),
    ...(sendProxy && { sendProxy: check.sendProxy ?? 1 }),
  }
}

function judgeOf(expect: Expect, number: number): Judge {
  const { match, negate, comment } = expect
  const isIn = finderOf(match)
  const found = negate ? 'matched unwanted content' : 'did not match content'
  const note = comment === undefined ? '' : ` comment: ${comment}`
  const no = failed('L7RSP', `TCPCHK ${found}${quoted(match)} at step ${number}${note}`)
  return (bytes, isLast) => {
    const isMatch = isIn(bytes)
    // What is not there yet may still come, wanted or not.
    if (!isMatch && !isLast) return undefined
    return isMatch === negate ? no : passed(remark)
  }
}

function finderOf(match: Expect['match']): (bytes: Buffer) => boolean {
  if (match.kind === 'rstring') return (bytes) => matches(match.pattern, bytes)
  const wanted = Buffer.from(match.kind === 'string' ? match.text : match.data)
  return (bytes) => bytes.includes(wanted)
}

function quoted(match: Expect['match']): string {
  if (match.kind === 'string') return ` '${match.text}'`
  return match.kind === 'binary' ? ' (binary)' : ' (regex)'
}

/** HAProxy's words for the step in which a connection failed. */
function whereOf(step: TcpCheckStep, number: number): string {
  const note = step.comment === undefined ? '' : ` comment: '${step.comment}'`
  return ` at step ${number} of tcp-check (${nameOf(step)})${note}`
}

function nameOf(step: TcpCheckStep): string {
  if (step.kind === 'connect') return step.port === undefined ? 'connect' : `connect port ${step.port}`
  if (step.kind === 'send') return 'send'
  if (step.match.kind === 'rstring') return 'expect regex'
  const { match } = step
  return match.kind === 'string' ? `expect string '${match.text}'` : `expect binary '${firstLine(match.data)}'`
}
