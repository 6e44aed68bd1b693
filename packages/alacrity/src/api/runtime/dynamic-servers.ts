import { CommandError, type NewServer } from '../watched.ts'
import { type CommandContext, Refused } from './command.ts'
import { backendOf, serverOf } from './find.ts'
import { texts } from './texts.ts'

/** `add server <b>/<s> <addr>:<port> [weight n] [maxconn n] [backup] [check]`; HAProxy puts it into maintenance first. */
export async function addServer({ watched, args: [where = '', address, ...words] }: CommandContext): Promise<string> {
  const [, backend, name] = /^([^/]+)\/(.+)$/.exec(where) ?? []
  if (backend === undefined || name === undefined) throw new Refused(bare(texts.serverExpected))
  const proxy = backendOf(watched, backend)
  if (!proxy) throw new Refused(bare(texts.noBackend))
  if (!address) throw new Refused(texts.newServer)
  await watched.addServer(proxy.name, { name, address, ...optionsOf(words) })
  watched.setState(proxy.name, name, 'maint')
  return texts.added
}

export async function deleteServer({ watched, args: [where] }: CommandContext): Promise<string> {
  try {
    const { backend, name } = serverOf(watched, where)
    await watched.removeServer(backend, name)
    return texts.deleted
  } catch (error) {
    // These two commands are the only ones whose texts end in one line end.
    if (error instanceof Refused || error instanceof CommandError) throw new Refused(bare(error.message))
    throw error
  }
}

function bare(text: string): string {
  return text.replace(/\n$/, '')
}

function optionsOf(words: readonly string[]): Partial<NewServer> {
  const options: { -readonly [Key in keyof NewServer]?: NewServer[Key] } = {}
  const rest = [...words]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === 'weight') options.weight = countOf(word, rest.shift())
    else if (word === 'maxconn') options.maxconn = countOf(word, rest.shift())
    else if (word === 'backup' || word === 'check') options[word] = true
    else throw new Refused(`unknown keyword '${word}'.\n`)
  }
  return options
}

function countOf(word: string, text = ''): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new Refused(`'${word}' expects an integer argument.\n`)
}
