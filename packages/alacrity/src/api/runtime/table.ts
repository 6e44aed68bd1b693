import type { Command } from './command.ts'
import { processCommands } from './process.ts'
import { serverCommands } from './servers.ts'
import { showCommands } from './show.ts'
import { texts } from './texts.ts'

/** Those of every level, which `help` shows last. */
const basics: readonly Command[] = [
  {
    words: 'help',
    usage: '[<command>]',
    help: 'list matching or all commands',
    level: 'user',
    run: ({ args }) => texts.valid + helpOf(args.length === 0 ? sorted : beginningWith(args)),
  },
  {
    words: 'prompt',
    help: 'toggle interactive mode with prompt',
    level: 'user',
    run: ({ session }) => {
      session.isInteractive = !session.isInteractive
      return ''
    },
  },
  {
    words: 'quit',
    help: 'disconnect',
    level: 'user',
    run: ({ session }) => {
      session.isOver = true
      return ''
    },
  },
]

const sorted: readonly Command[] = [...showCommands, ...serverCommands, ...processCommands].sort((one, other) =>
  one.words < other.words ? -1 : 1,
)
const all = [...sorted, ...basics]

/** The command these words begin with, and what follows it. */
export function commandOf(words: readonly string[]): { command: Command; args: readonly string[] } | undefined {
  const command = all.find((each) => each.words.split(' ').every((word, index) => word === words[index]))
  return command && { command, args: words.slice(command.words.split(' ').length) }
}

/** What is answered to what is no command: those that begin alike, or all. */
export function unknownText(words: readonly string[]): string {
  const alike =
    beginningWith(words.slice(0, 2)).length > 0 ? beginningWith(words.slice(0, 2)) : beginningWith(words.slice(0, 1))
  return words.length === 0 || alike.length === 0 ? texts.unknown + helpOf(sorted) : texts.similar + helpOf(alike)
}

function beginningWith(words: readonly string[]): readonly Command[] {
  const start = words.join(' ').toLowerCase()
  return sorted.filter((each) => start !== '' && each.words.startsWith(start))
}

function helpOf(commands: readonly Command[]): string {
  return [...commands, ...basics]
    .map(({ words, usage, help }) => `  ${(usage ? `${words} ${usage}` : words).padEnd(40)}: ${help}\n`)
    .join('')
}
