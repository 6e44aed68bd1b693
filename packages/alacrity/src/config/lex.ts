import { refuse } from './errors.ts'
import { type Environment, expandVariable } from './variable.ts'

/** One letter behind a backslash, outside of single quotes; any other keeps its backslash. */
const ESCAPES: Readonly<Record<string, string>> = {
  ' ': ' ',
  '#': '#',
  '\\': '\\',
  "'": "'",
  '"': '"',
  $: '$',
  n: '\n',
  r: '\r',
  t: '\t',
}

/** A place in a line, and the words up to there. */
interface Lexer {
  readonly line: string
  readonly env: Environment
  at: number
  readonly words: string[]
  /** Undefined between two words: `""` is a word, too. */
  word: string | undefined
}

/**
 * The words of a line, as HAProxy splits it: blanks between, `#` begins a comment, quotes and backslashes, variables in
 * double quotes.
 *
 * @throws Refusal for an open quote, or a bad escape or variable
 */
export function splitLine(line: string, env: Environment = {}): string[] {
  const lexer: Lexer = { line, env, at: 0, words: [], word: undefined }
  while (lexer.at < line.length && line[lexer.at] !== '#') takePlain(lexer)
  endWord(lexer)
  return lexer.words
}

function takePlain(lexer: Lexer): void {
  const letter = lexer.line[lexer.at]!
  if (letter === ' ' || letter === '\t') {
    lexer.at++
    endWord(lexer)
  } else if (letter === "'") takeSingleQuoted(lexer)
  else if (letter === '"') takeDoubleQuoted(lexer)
  else if (letter === '\\') takeBackslash(lexer)
  else takeLetter(lexer)
}

function endWord(lexer: Lexer): void {
  if (lexer.word !== undefined) lexer.words.push(lexer.word)
  lexer.word = undefined
}

function add(lexer: Lexer, text: string): void {
  lexer.word = (lexer.word ?? '') + text
}

function takeLetter(lexer: Lexer): void {
  add(lexer, lexer.line[lexer.at++]!)
}

function takeSingleQuoted(lexer: Lexer): void {
  const end = lexer.line.indexOf("'", lexer.at + 1)
  if (end < 0) unclosed(lexer.at)
  add(lexer, lexer.line.slice(lexer.at + 1, end))
  lexer.at = end + 1
}

function takeDoubleQuoted(lexer: Lexer): void {
  const start = lexer.at++
  add(lexer, '')
  while (lexer.line[lexer.at] !== '"') {
    if (lexer.at >= lexer.line.length) unclosed(start)
    const letter = lexer.line[lexer.at]
    if (letter === '\\') takeBackslash(lexer)
    else if (letter === '$') takeVariable(lexer)
    else takeLetter(lexer)
  }
  lexer.at++
}

function takeVariable(lexer: Lexer): void {
  const { words, end } = expandVariable(lexer.line, lexer.at, lexer.env)
  for (const [index, word] of words.entries()) {
    if (index > 0) endWord(lexer)
    add(lexer, word)
  }
  lexer.at = end
}

function unclosed(at: number): never {
  return refuse(`the quote at column ${at + 1} is not closed`)
}

function takeBackslash(lexer: Lexer): void {
  if (lexer.line[lexer.at + 1] === 'x') takeHex(lexer)
  else takeEscape(lexer)
}

function takeEscape(lexer: Lexer): void {
  const letter = lexer.line[lexer.at + 1]
  const meant = letter === undefined ? undefined : ESCAPES[letter]
  add(lexer, meant ?? '\\')
  lexer.at += meant === undefined ? 1 : 2
}

function takeHex(lexer: Lexer): void {
  const digits = lexer.line.slice(lexer.at + 2, lexer.at + 4)
  if (!/^[\da-f]{2}$/i.test(digits)) refuse(`'\\x${digits}' at column ${lexer.at + 1}: expected two hexadecimal digits`)
  add(lexer, String.fromCharCode(Number.parseInt(digits, 16)))
  lexer.at += 4
}
