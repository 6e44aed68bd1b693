import { readDirective } from './directive.ts'
import { refuse } from './errors.ts'
import { globalDirectives, ignoredFamilies, negatedInGlobal } from './global.ts'
import type { ProxyKind } from './model.ts'
import { checkName } from './names.ts'
import { negated, proxyDirectives } from './proxy.ts'
import { newProxy, type ProxyDraft } from './proxy-draft.ts'
import type { Reading } from './reading.ts'
import { newResolvers, resolversDirectives } from './resolvers.ts'
import type { Words } from './words.ts'

/** Reads one line of a section. */
export type ReadLine = (words: Words, reading: Reading) => void

/** Begins a section: takes what its first line says, and returns how to read the lines after it. */
export type Open = (words: Words, reading: Reading) => ReadLine

const openGlobal: Open = () => (words, reading) => {
  const name = words.peek()!
  const family = ignoredFamilies.find(({ prefix }) => name.startsWith(prefix))
  if (family !== undefined) {
    words.takeName('')
    words.rest()
    return reading.warn(words, `ignored: ${family.why}`)
  }
  const directives = takeNo(words) ? negatedInGlobal : globalDirectives
  readDirective(directives, words, reading.global, reading, 'a word of the global section')
}

function takeNo(words: Words): boolean {
  return words.takeIf('no') || words.takeIf('default')
}

function inSection(section: ProxyDraft): ReadLine {
  return (words, reading) => {
    if (takeNo(words)) readDirective(negated, words, section, reading, "'option' or 'log' behind 'no' and 'default'")
    else readDirective(proxyDirectives, words, section, reading, `a word of a ${section.kind} section`)
  }
}

/** `defaults [name] [from name]`: without a name, they hold for the sections after it. */
const openDefaults: Open = (words, reading) => {
  const name = words.isAtEnd || words.peek() === 'from' ? '' : checkName(words.take(''))
  const from = takeFrom(words, reading)
  const draft = newProxy('defaults', name, words.place, from)
  reading.defaults = draft
  if (name !== '') reading.namedDefaults.set(name, draft)
  return inSection(draft)
}

function openProxy(kind: ProxyKind): Open {
  return (words, reading) => {
    const name = checkName(words.take(`the name of the ${kind}`))
    const from = words.peek() === 'from' ? takeFrom(words, reading) : reading.defaults
    const draft = newProxy(kind, name, words.place, from)
    reading.proxies.push(draft)
    return inSection(draft)
  }
}

function takeFrom(words: Words, reading: Reading): ProxyDraft | undefined {
  if (!words.takeIf('from')) return undefined
  const name = words.take('the name of a defaults section')
  return reading.namedDefaults.get(name) ?? refuse(`there is no defaults section '${name}' above this line`)
}

const openResolvers: Open = (words, reading) => {
  const draft = newResolvers(checkName(words.take('the name of the resolvers')), words.place)
  reading.resolvers.push(draft)
  return (line) => readDirective(resolversDirectives, line, draft, reading, 'a word of a resolvers section')
}

/** Sections that are not known here, and why. */
const refusedSections: Readonly<Record<string, string>> = {
  peers: 'there are no stick tables to share: take the section out',
  userlist: "it is for logging in by HTTP: expected 'stats auth user:password' in the section of the page",
  mailers: 'no mail is sent: take the section out, and watch the page, /metrics or the log',
  cache: 'there is no HTTP to cache: take the section out',
  program: 'programs are not run: take the section out',
  ring: "expected 'log' with an address, 'stdout' or 'stderr'",
  'http-errors': 'there are no HTTP errors to send: take the section out',
  'fcgi-app': 'there is no HTTP here: take the section out',
  'log-forward': 'logs are not forwarded: take the section out',
  'crt-store': 'there is no TLS here: take the section out',
}

/** How each section begins. */
export const sections: ReadonlyMap<string, Open> = new Map<string, Open>([
  ['global', openGlobal],
  ['defaults', openDefaults],
  ['frontend', openProxy('frontend')],
  ['backend', openProxy('backend')],
  ['listen', openProxy('listen')],
  ['resolvers', openResolvers],
  ...Object.entries(refusedSections).map(([name, why]): [string, Open] => [name, () => refuse(why)]),
])
