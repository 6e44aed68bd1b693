import { rowType } from '../../stats/row.ts'
import { type Command, type CommandContext, isAtLeast, type Level, Refused } from './command.ts'
import { frontendOf, serverOf } from './find.ts'
import { texts } from './texts.ts'

export const processCommands: readonly Command[] = [
  {
    words: 'clear counters',
    usage: '[all]',
    help: 'clear max statistics counters (or all counters)',
    level: 'operator',
    run: clearCounters,
  },
  frontendCommand('disable frontend', 'temporarily disable specific frontend', false),
  frontendCommand('enable frontend', 're-enable specific frontend', true),
  lower('operator'),
  {
    words: 'set maxconn frontend',
    usage: '<frontend> <value>',
    help: "change a frontend's maxconn setting",
    level: 'admin',
    run: ({ watched, args: [name, value] }) => {
      const { name: frontend } = frontendOf(watched, name)
      watched.setFrontendMaxconn(frontend, countOf(value, texts.integerExpected, texts.integerExpected))
      return ''
    },
  },
  {
    words: 'set maxconn global',
    usage: '<value>',
    help: 'change the per-process maxconn setting',
    level: 'admin',
    run: ({ watched, args: [value] }) => {
      watched.setGlobalMaxconn(countOf(value, texts.globalIntegerExpected, texts.globalIntegerExpected))
      return ''
    },
  },
  {
    words: 'set maxconn server',
    usage: '<bk>/<srv>',
    help: "change a server's maxconn setting",
    level: 'admin',
    run: ({ watched, args: [name, value] }) => {
      const server = serverOf(watched, name)
      const maxconn = countOf(value, texts.maxconnExpected, texts.maxconnGarbage)
      watched.setServerMaxconn(server.backend, server.name, maxconn)
      return ''
    },
  },
  { words: 'set timeout', usage: '[cli] <delay>', help: 'change a timeout setting', level: 'user', run: setCliTimeout },
  lower('user'),
]

function clearCounters({ watched, session, args }: CommandContext): string {
  const isAll = args[0] === 'all'
  if (isAll && !isAtLeast(session.level, 'admin')) throw new Refused(texts.denied)
  watched.clearCounters(isAll)
  return ''
}

function frontendCommand(words: string, help: string, enabled: boolean): Command {
  return {
    words,
    usage: '<frontend>',
    help,
    level: 'admin',
    run: async ({ watched, args }) => {
      const { name } = frontendOf(watched, args[0])
      const row = watched.rows().find((each) => each.type === rowType.frontend && each.pxname === name)
      const isEnabled = row?.status !== 'STOP' && row?.status !== 'PAUSED'
      if (isEnabled === enabled) throw new Refused(enabled ? texts.enabledAlready : texts.disabledAlready)
      await watched.setFrontendEnabled(name, enabled)
      return ''
    },
  }
}

function lower(level: Level): Command {
  return {
    words: level,
    help: `lower the level of the current CLI session to ${level}`,
    level,
    run: ({ session }) => {
      session.level = level
      return ''
    },
  }
}

/** HAProxy reads what is no number as 0, which is no limit: here it is refused. */
function countOf(text: string | undefined, missing: string, garbage: string): number {
  if (!text) throw new Refused(missing)
  if (!/^[+-]?\d+$/.test(text)) throw new Refused(garbage)
  if (Number(text) < 0) throw new Refused(texts.outOfRange)
  return Number(text)
}

const units: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** In seconds where no unit is said. */
function setCliTimeout({ session, args: [what, delay] }: CommandContext): string {
  if (what !== 'cli') throw new Refused(texts.onlyCliTimeout)
  if (!delay) throw new Refused(texts.globalIntegerExpected)
  const [, number, unit = 's'] = /^(\d+)(us|ms|s|m|h|d)?$/.exec(delay) ?? []
  const ms = Number(number ?? 0) * units[unit]!
  if (ms < 1) throw new Refused(texts.badTimeout)
  session.timeoutMs = ms
  return ''
}
