import { parseAddress, toPort } from './address.ts'
import { type Reader, readWords } from './directive.ts'
import { refuse } from './errors.ts'
import { checkName } from './names.ts'
import type { ProxyDraft } from './proxy-draft.ts'
import type { Reading } from './reading.ts'
import type { ServerDraft, ServerSettings } from './server-draft.ts'
import { serverWords } from './server-words.ts'
import { toNumber } from './units.ts'
import type { Words } from './words.ts'

const EXPECTED = 'a word of server, such as check, inter, weight, backup or maxconn'

/** `server <name> <address> [words]`, on top of what `default-server` has said so far. */
export const readServer: Reader<ProxyDraft> = (words, proxy, reading) => {
  const name = checkName(words.take('the name of the server'))
  const address = serverAddress(words.take('the address of the server, such as 10.0.0.1:5432'))
  const settings = readSettings(words, proxy, reading)
  proxy.servers.push({ name, place: words.place, ...address, settings })
}

/** `default-server [words]`: for the servers after it. */
export const readDefaultServer: Reader<ProxyDraft> = (words, proxy, reading) => {
  readWords(serverWords, words, proxy.settings.defaultServer, reading, EXPECTED)
}

/** `server-template <prefix> <n | from-to> <address> [words]`: as many servers, each with one address of the name. */
export const readServerTemplate: Reader<ProxyDraft> = (words, proxy, reading) => {
  const prefix = checkName(words.take('the prefix of the names'))
  const [from, to] = templateRange(words.take('how many servers, such as 3 or 1-3'))
  const address = serverAddress(words.take('the address of the servers, such as db.internal:5432'))
  const settings = readSettings(words, proxy, reading)
  for (let number = from; number <= to; number++) {
    const template = { index: number - from, prefix }
    const own = structuredClone(settings)
    if (number > from) delete own.id // an `id` is the first one's
    proxy.servers.push({ name: `${prefix}${number}`, place: words.place, ...address, settings: own, template })
  }
}

function readSettings(words: Words, proxy: ProxyDraft, reading: Reading): ServerSettings {
  const settings = structuredClone(proxy.settings.defaultServer)
  readWords(serverWords, words, settings, reading, EXPECTED)
  return settings
}

function templateRange(text: string): [number, number] {
  const [, from = '1', to = text] = /^(\d+)-(\d+)$/.exec(text) ?? []
  const [first, last] = [toNumber(from, 0, 65_535), toNumber(to, 1, 65_535)]
  return first <= last ? [first, last] : refuse(`'${text}' ends before it begins: expected a range such as 1-3`)
}

/** The port may be missing, or relative (`+1000`) to the one that the client came to. */
function serverAddress(text: string): Pick<ServerDraft, 'address' | 'portOffset'> {
  const written = parseAddress(text)
  if (written.kind === 'path') return { address: { path: written.path } }
  const { port = '+0' } = written
  const host = serverHost(text, written.host)
  if (/^[+-]\d+$/.test(port)) return { address: { host }, portOffset: toNumber(port.replace('+', ''), -65_535, 65_535) }
  if (/^\d+-\d+$/.test(port)) return refuse(`'${text}': a server has one port, not a range`)
  return { address: { host, port: toPort(port) } }
}

function serverHost(text: string, host: string): string {
  if (host !== '' && host !== '*') return host
  return refuse(`'${text}' does not say which host: expected host:port, such as 10.0.0.1:5432`)
}
