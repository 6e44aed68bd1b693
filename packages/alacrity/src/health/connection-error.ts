import type { Found } from './steps.ts'

/** The C library's words, which HAProxy's users know; others stay as Node says them. */
const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EPIPE: 'Connection reset by peer', // written to after the reset that was not read yet
  ECONNABORTED: 'Software caused connection abort',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  ETIMEDOUT: 'Connection timed out',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EMFILE: 'Too many open files',
  ENFILE: 'Too many open files in system',
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
}

/** Those that the network, or the server, is to blame for; all others are our own side's. */
const theirs: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH'])

/** What it is when no connection came about. */
export function connectFailure(layer: 'L4' | 'L6', error: NodeJS.ErrnoException, where: string): Found {
  if (layer === 'L6') return { status: 'L6RSP', text: `SSL handshake failure${where}` }
  const { code = '' } = error
  if (code === 'ETIMEDOUT') return { status: 'L4TOUT', text: where }
  if (theirs.has(code)) return { status: 'L4CON', text: `${wordsFor(error)}${where}` }
  return { status: 'SOCKERR', text: `General socket error (${wordsFor(error)})${where}` }
}

/** What it is when a connection broke before an answer came. */
export function lostConnection(error: NodeJS.ErrnoException, where: string): Found {
  return { status: 'SOCKERR', text: `${wordsFor(error)}${where}` }
}

function wordsFor({ code = '', message }: NodeJS.ErrnoException): string {
  return words[code] ?? message
}
