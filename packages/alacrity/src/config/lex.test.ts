// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are HAProxy's variables
import { expect, test } from 'vitest'
import { splitLine } from './lex.ts'

const env = { FOO: 'one two', EMPTY: '' }

test.each<[string, string[]]>([
  ['', []],
  ['  \t ', []],
  ['# only a comment', []],
  ['a b\tc', ['a', 'b', 'c']],
  ['a#b', ['a']],
  ['"a#b" c # d', ['a#b', 'c']],
  [String.raw`a\ b`, ['a b']],
  [String.raw`a\#b c`, ['a#b', 'c']],
  [String.raw`a\\b`, [String.raw`a\b`]],
  [String.raw`a\nb\rc\td`, ['a\nb\rc\td']],
  [String.raw`\x41\x0a`, ['A\n']],
  [String.raw`a\qb`, [String.raw`a\qb`]],
  ['a\\', ['a\\']],
  [String.raw`\"a\'`, [`"a'`]],
  [String.raw`'a\x41"$FOO'`, [String.raw`a\x41"$FOO`]],
  [String.raw`"a\x41'\"\$"`, [`aA'"$`]],
  [`"a b"'c d'e`, ['a bc de']],
  ['"" a', ['', 'a']],
  [`''`, ['']],
  ['$FOO', ['$FOO']],
  ['"$FOO"', ['one two']],
  ['"${FOO}x"', ['one twox']],
  ['"<$NONE>" "${NONE}"', ['<>', '']],
  ['"${NONE-dflt}" "${NONE-}" "${FOO-dflt}"', ['dflt', '', 'one two']],
  ['"${EMPTY-dflt}"', ['']],
  ['x"${FOO[*]}"y', ['xone', 'twoy']],
  [`a${' b'.repeat(100_000)}`, ['a', ...Array<string>(100_000).fill('b')]],
])('%j', (line, words) => {
  expect(splitLine(line, env)).toEqual(words)
})

test.each<[string, RegExp]>([
  ['a "b', /quote at column 3 is not closed/],
  ["a 'b", /quote at column 3 is not closed/],
  [String.raw`a "b\"`, /quote at column 3 is not closed/],
  [String.raw`\x4`, /'\\x4' at column 1: expected two hexadecimal digits/],
  [String.raw`\xZZ`, /two hexadecimal digits/],
  ['"${FOO"', /closing '}'/],
  ['"$"', /the name of a variable/],
  ['"a$-b"', /the name of a variable/],
  ['"${1x}"', /the name of a variable/],
  ['"${FOO[1]}"', /expected \$\{NAME\}, /],
])('%j is refused', (line, message) => {
  expect(() => splitLine(line, env)).toThrow(message)
})
