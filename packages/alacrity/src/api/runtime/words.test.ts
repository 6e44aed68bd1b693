import { expect, it } from 'vitest'
import { cut, wordsOf } from './words.ts'

it('cuts at line ends and semicolons, unless a backslash says no', () => {
  expect(cut('a;b\nc')).toEqual({ whole: ['a', 'b'], rest: 'c' })
  expect(cut('a\\;b;c\\\\;d')).toEqual({ whole: ['a\\;b', 'c\\\\'], rest: 'd' })
  expect(cut('\n;\n')).toEqual({ whole: ['', '', ''], rest: '' })
  expect(cut('half\\')).toEqual({ whole: [], rest: 'half\\' })
})

it('takes words apart at spaces', () => {
  expect(wordsOf('  set   weight db/a\\ b 5\r')).toEqual(['set', 'weight', 'db/a b', '5'])
  expect(wordsOf('show version # told')).toEqual(['show', 'version'])
  expect(wordsOf('a\\\\b')).toEqual(['a\\b'])
  expect(wordsOf('')).toEqual([])
})

it('is quick with a long line that never ends', () => {
  const started = performance.now()
  cut('\\'.repeat(16_384))
  cut('x'.repeat(16_384))
  wordsOf('\\'.repeat(16_384))
  expect(performance.now() - started).toBeLessThan(500)
})
