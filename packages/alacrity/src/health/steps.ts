import type { CheckStatus } from './contract.ts'

/** What an answer came to. `code` where the status has one. */
export interface Found {
  readonly status: CheckStatus
  readonly code?: number
  readonly text: string
}

/** Looks at what has come so far. Nothing: it is too early to say, which is never returned when `isLast`. */
export type Judge = (bytes: Buffer, isLast: boolean) => Found | undefined

/** One step of a check. `where` is what `tcp-check` adds to the text when the connection fails in it. */
export type Step =
  | {
      readonly kind: 'connect'
      readonly port?: number
      readonly tls: boolean
      readonly sendProxy?: 1 | 2
      readonly where?: string
    }
  | { readonly kind: 'send'; readonly data: Uint8Array; readonly where?: string }
  | {
      readonly kind: 'expect'
      readonly judge: Judge
      /** What it is when the server said nothing at all, and closed. */
      readonly onEmpty: Found
      readonly where?: string
    }

/** All of a check. */
export interface Plan {
  readonly steps: readonly Step[]
  /** Of a check that passed without looking at an answer. */
  readonly onPassed?: Found
  /** Ends with a FIN: the protocol minds an RST. */
  readonly politely?: boolean
}

/** HAProxy's words when a server closes without an answer; its steps count from 1. */
export function emptyAt(step: number, status: 'L7RSP' | 'L7STS' = 'L7RSP', comment?: string): Found {
  const remark = comment === undefined ? '' : ` comment: '${comment}'`
  return failed(status, `TCPCHK got an empty response at step ${step}${remark}`)
}

export function passed(text = '', code = 0): Found {
  return { status: 'L7OK', code, text }
}

export function failed(status: 'L7RSP' | 'L7STS', text: string, code = 0): Found {
  return status === 'L7STS' ? { status, code, text } : { status, text }
}

export function isPass({ status }: { readonly status: CheckStatus }): boolean {
  return status === 'L4OK' || status === 'L6OK' || status === 'L7OK' || status === 'L7OKC'
}

const longestText = 127

/** The first line of what a server said, as far as it goes into the statistics. */
export function firstLine(bytes: Uint8Array): string {
  const [line = ''] = Buffer.from(bytes)
    .toString('latin1')
    .split(/[\r\n\0]/, 1)
  return line.slice(0, longestText)
}
