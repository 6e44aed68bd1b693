import type { Reader } from './directive.ts'
import { refuse } from './errors.ts'
import { readExpression } from './expression.ts'
import type { Test } from './model.ts'
import { checkName } from './names.ts'
import { parseNetwork } from './network.ts'
import type { ProxyDraft } from './proxy-draft.ts'

/** What one name stands for: one of these is enough. */
export interface Acl {
  readonly tests: readonly Test[]
  /** Of `path`, which only the Prometheus service may be asked for. */
  readonly paths: readonly string[]
}

/** `acl <name> <fetch> [flags] [values]`. The same name again: one more that is enough. */
export const readAcl: Reader<ProxyDraft> = (words, proxy, reading) => {
  const name = checkName(words.take('the name of the acl'))
  const { acls } = proxy.settings
  if (proxy.kind === 'defaults' && proxy.name === '') refuse('expected a defaults section with a name, or a proxy')
  if (['or', '||', 'if', 'unless'].includes(name)) refuse(`'${name}' is a word of conditions: take another name`)
  const { tests, paths } = readExpression(words, proxy, reading)
  const before = Object.hasOwn(acls, name) ? acls[name]! : { tests: [], paths: [] }
  const acl = { tests: [...before.tests, ...tests], paths: [...before.paths, ...paths] }
  Object.defineProperty(acls, name, { value: acl, enumerable: true, configurable: true, writable: true })
}

const LOCALHOST = ['127.0.0.1/8', '::1']

const predefined: Readonly<Record<string, readonly Test[]>> = {
  TRUE: [{ kind: 'always', value: true }],
  FALSE: [{ kind: 'always', value: false }],
  LOCALHOST: [{ kind: 'src', networks: LOCALHOST.map(parseNetwork) }],
}

const OF_REQUESTS =
  /^(HTTP|HTTP_1\.[01]|HTTP_2\.0|HTTP_CONTENT|HTTP_URL_.*|METH_.*|RDP_COOKIE|REQ_CONTENT|WAIT_END|REQ_.*)$/

/** An acl of the section, or one that is always there. */
export function findAcl(name: string, { settings: { acls } }: ProxyDraft): Acl {
  if (Object.hasOwn(acls, name)) return acls[name]!
  if (Object.hasOwn(predefined, name)) return { tests: predefined[name]!, paths: [] }
  if (OF_REQUESTS.test(name))
    refuse(`'${name}' looks into the request, and this balances TCP: expected src or dst_port`)
  return refuse(`there is no acl '${name}' above this line in this section`)
}
