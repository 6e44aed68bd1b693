import { readFileSync } from 'node:fs'
import type { Acl } from './acl.ts'
import { refuse } from './errors.ts'
import { fetches } from './fetches.ts'
import { didYouMean } from './nearest.ts'
import type { ProxyDraft } from './proxy-draft.ts'
import type { Reading } from './reading.ts'
import type { Words } from './words.ts'

/** What a fetch is compared with. */
export interface Patterns {
  readonly values: readonly string[]
  /** `-m`: not set is the fetch's own way. */
  readonly method?: string
}

/** `<fetch>[(argument)] [flags] [--] [values]` */
export function readExpression(words: Words, proxy: ProxyDraft, reading: Reading): Acl {
  const text = words.take('what to look at, such as src or nbsrv(backend)')
  const { name, argument } = parseFetch(text)
  if (!Object.hasOwn(fetches, name)) return refuseFetch(name)
  const patterns = readPatterns(words)
  return fetches[name]!({ name, argument, patterns, words, proxy, reading })
}

function parseFetch(text: string): { name: string; argument: string | undefined } {
  const [, name = '', argument] = /^([\w.]+)(?:\(([^()]*)\))?$/.exec(text) ?? []
  if (name !== '') return { name, argument }
  if (text.includes(',')) return refuse(`'${text}': converters are not known here`)
  return refuse(`'${text}': expected a fetch such as src or nbsrv(backend)`)
}

const OF_REQUESTS =
  /^(req|res|hdr|path|url|base|method|ssl|cook|urlp|query|payload|rdp|http|scook|shdr|wait|body|capture)/

function refuseFetch(name: string): never {
  const expected = 'expected src, dst_port, nbsrv, srv_is_up, always_true or always_false'
  if (OF_REQUESTS.test(name)) return refuse(`'${name}' looks into the request, and this balances TCP: ${expected}`)
  return refuse(`'${name}' is not known here: ${expected}${didYouMean(name, Object.keys(fetches))}`)
}

function readPatterns(words: Words): Patterns {
  const flags: { values: string[]; method?: string } = { values: [] }
  while (words.peek()?.startsWith('-') && !/^-\d/.test(words.peek()!)) {
    const flag = words.take('')
    if (flag === '--') break
    if (flag === '-f') flags.values.push(...readList(words.take('the file with the values')))
    else if (flag === '-m') flags.method = words.take("how to match: 'ip', 'int', 'bool', 'found' or 'str'")
    else if (!['-i', '-n'].includes(flag)) refuse(`'${flag}' is not known here: expected -f, -i, -m or --`)
  }
  flags.values.push(...words.rest())
  return flags
}

/** A value a line; `#` begins a comment. */
function readList(file: string): string[] {
  try {
    const lines = readFileSync(file, 'utf8').split(/\r?\n/)
    return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
  } catch (error) {
    return refuse(`the file '${file}' cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}
