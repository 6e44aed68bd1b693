import type { Socket } from 'node:net'
import type { StatsSocket } from '../../config/model.ts'
import { CommandError, type Watched } from '../watched.ts'
import { isAtLeast, Refused, type Session } from './command.ts'
import { commandOf, unknownText } from './table.ts'
import { texts } from './texts.ts'
import { cut, wordsOf } from './words.ts'

/** No command is longer, as with HAProxy's buffers. */
const maxLength = 16 * 1024

export interface ConversationOptions {
  readonly watched: Watched
  readonly sockets: readonly StatsSocket[]
  readonly level: StatsSocket['level']
  readonly timeoutMs: number
}

/**
 * Answers one connection to the runtime socket: what has come by the time of the first answer and, after `prompt`,
 * until it says `quit`, ends, or is silent for too long. Each answer ends in an empty line.
 */
export function converse(socket: Socket, options: ConversationOptions): void {
  const session: Session = { ...options, isInteractive: false, isOver: false }
  const waiting: string[] = []
  let unfinished = ''
  let isBusy = false
  const answerAll = async (): Promise<void> => {
    isBusy = true
    await options.watched.started
    for (let line = waiting.shift(); line !== undefined && !session.isOver; line = waiting.shift()) {
      const text = await answerTo(line, session, options)
      socket.setTimeout(session.timeoutMs)
      if (session.isOver || socket.destroyed) break
      // An asker that does not read shall not fill the memory.
      if (!socket.write(`${text}\n${session.isInteractive ? '> ' : ''}`)) await drained(socket)
    }
    isBusy = false
    if (session.isOver || !session.isInteractive) socket.end()
  }
  socket.setEncoding('utf8')
  socket.setTimeout(session.timeoutMs, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    const { whole, rest } = cut(unfinished + String(chunk))
    unfinished = rest
    waiting.push(...whole)
    if (unfinished.length > maxLength || waiting.length > maxLength) socket.destroy()
    else if (!isBusy && waiting.length > 0) void answerAll()
  })
  socket.on('end', () => {
    if (!isBusy) socket.end()
  })
}

async function answerTo(line: string, session: Session, { watched, sockets }: ConversationOptions): Promise<string> {
  const words = wordsOf(line)
  const found = commandOf(words)
  if (!found) return unknownText(words)
  const { command, args } = found
  if (!isAtLeast(session.level, command.level)) return texts.denied
  try {
    return await command.run({ watched, session, sockets, args })
  } catch (error) {
    if (error instanceof Refused) return error.message
    if (error instanceof CommandError) return `${error.message}\n`
    return `Internal error: ${(error as Error).message}\n`
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('drain', resolve)
    socket.once('close', resolve)
  })
}
