import { type CommandContext, Refused } from './command.ts'
import { serverOf } from './find.ts'
import { texts } from './texts.ts'

/** `set weight <b>/<s> 50`, or `50%` of what the file says. */
export function setWeight({ watched, args: [name, weight] }: CommandContext): string {
  const server = serverOf(watched, name)
  if (!weight) throw new Refused(texts.weightExpected)
  const [, number, rest] = /^([+-]?\d+)(.*)$/.exec(weight) ?? []
  if (number === undefined) throw new Refused(texts.weightGarbage)
  if (rest !== '' && rest !== '%') throw new Refused(texts.weightTrailing)
  const is = rest === '%' ? (server.initialWeight * Number(number)) / 100 : Number(number)
  if (is < 0 || is > 256) throw new Refused(texts.weightRange)
  watched.setWeight(server.backend, server.name, `${Number(number)}${rest}`)
  return ''
}
