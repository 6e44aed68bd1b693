/** As much of an HTTP answer as has come. */
export interface HttpAnswer {
  readonly code: number
  readonly reason: string
  readonly body: Buffer
  /** All of the body is there. */
  readonly isWhole: boolean
}

const statusLine = /^[A-Z]+\/\d\.\d +(\d+)(?: +(.*))?$/
/** A name without a blank, a colon, a value; or the value of the line before goes on. */
const headerLine = /^(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:|[ \t])/

/** Nothing: more has to come. `'bad'`: this is not HTTP. */
export function readHttp(bytes: Buffer): HttpAnswer | 'bad' | undefined {
  const text = bytes.toString('latin1')
  const start = text.search(/[^\r\n]/) // blank lines before it are forgiven
  if (start === -1) return undefined
  if (!/[A-Z]/.test(text[start] as string)) return 'bad'
  const end = /\r?\n\r?\n/.exec(text.slice(start))
  if (end === null) return undefined
  const head = text.slice(start, start + end.index).split(/\r?\n/)
  return read(head, bytes.subarray(start + end.index + end[0].length))
}

function read(head: readonly string[], rest: Buffer): HttpAnswer | 'bad' {
  const [first = '', ...headers] = head
  const status = statusLine.exec(first)
  if (status === null || headers.some((line) => !headerLine.test(line))) return 'bad'
  const code = Number(status[1])
  const body = hasNone(code) ? { body: Buffer.alloc(0), isWhole: true } : bodyOf(headers, rest)
  return body === 'bad' ? 'bad' : { code, reason: status[2]?.trim() ?? '', ...body }
}

function hasNone(code: number): boolean {
  return code < 200 || code === 204 || code === 304
}

type Body = Pick<HttpAnswer, 'body' | 'isWhole'>

function bodyOf(headers: readonly string[], rest: Buffer): Body | 'bad' {
  if (/\bchunked$/i.test(valuesOf(headers, 'transfer-encoding').at(-1) ?? '')) return chunked(rest)
  const [length, ...others] = new Set(valuesOf(headers, 'content-length'))
  if (length === undefined) return { body: rest, isWhole: false }
  if (others.length > 0 || !/^\d{1,15}$/.test(length)) return 'bad'
  return { body: rest.subarray(0, Number(length)), isWhole: rest.length >= Number(length) }
}

function valuesOf(headers: readonly string[], name: string): string[] {
  const begin = `${name}:`
  const lines = headers.filter((line) => line.toLowerCase().startsWith(begin))
  return lines.map((line) => line.slice(begin.length).trim())
}

/** Every chunk has its length in hexadecimal on a line before it; the last has none. */
function chunked(rest: Buffer): Body | 'bad' {
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const end = rest.indexOf('\n', at)
    if (end === -1) return { body: Buffer.concat(chunks), isWhole: false }
    const [, digits] = /^([0-9a-f]{1,8})\s*(?:;.*)?\r?$/i.exec(rest.toString('latin1', at, end)) ?? []
    if (digits === undefined) return 'bad'
    const length = Number.parseInt(digits, 16)
    if (length === 0) return { body: Buffer.concat(chunks), isWhole: true }
    chunks.push(rest.subarray(end + 1, end + 1 + length))
    at = end + 1 + length + (rest[end + 1 + length] === 0x0d ? 2 : 1)
  }
}
