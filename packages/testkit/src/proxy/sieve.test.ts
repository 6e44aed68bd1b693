import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutAfterFault, delayFault, dropReplyFault, PASS } from './fault.ts'
import { CountSieve, PatternSieve, type Sieve, sieveFor } from './sieve.ts'

/** Sends chunks until the sieve strikes, and says what passed. */
function sift(sieve: Sieve, chunks: readonly Uint8Array[]): { passed: Buffer; struck: boolean } {
  const passed: Buffer[] = []
  for (const chunk of chunks) {
    const sifted = sieve.sift(Buffer.from(chunk))
    passed.push(sifted.passed)
    if (sifted.struck) return { passed: Buffer.concat(passed), struck: true }
  }
  return { passed: Buffer.concat([...passed, sieve.rest()]), struck: false }
}

const fewLetters = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ min: 97, max: 98, minLength, maxLength })
const chunksOf = fc.array(fewLetters(1, 6), { maxLength: 8 })

test('a pattern is found wherever the chunk borders lie, and all before it passes', () => {
  fc.assert(
    fc.property(chunksOf, fewLetters(1, 5), (chunks, pattern) => {
      const all = Buffer.concat(chunks)
      const found = all.indexOf(pattern)
      const { passed, struck } = sift(new PatternSieve(Buffer.from(pattern)), chunks)
      expect(struck).toBe(found !== -1)
      expect(passed).toEqual(found === -1 ? all : all.subarray(0, found))
    }),
  )
})

test('only what may be the pattern’s beginning is kept', () => {
  const sieve = new PatternSieve(Buffer.from('abac'))
  expect(sieve.sift(Buffer.from('xxaba'))).toEqual({ passed: Buffer.from('xx'), struck: false })
  expect(sieve.sift(Buffer.from('b'))).toEqual({ passed: Buffer.from('ab'), struck: false })
  expect(sieve.rest()).toEqual(Buffer.from('ab'))
  expect(sieve.rest()).toEqual(Buffer.alloc(0))
})

test('exactly so many bytes pass, and the strike comes with the last of them', () => {
  fc.assert(
    fc.property(chunksOf, fc.integer({ min: 1, max: 20 }), (chunks, bytes) => {
      const all = Buffer.concat(chunks)
      const { passed, struck } = sift(new CountSieve(bytes), chunks)
      expect(struck).toBe(all.length >= bytes)
      expect(passed).toEqual(all.subarray(0, bytes))
    }),
  )
})

test('each fault sifts its own way only', () => {
  expect(sieveFor(cutAfterFault(1, 'up'), 'up')).toBeInstanceOf(CountSieve)
  expect(sieveFor(cutAfterFault(1, 'up'), 'down')).toBeUndefined()
  expect(sieveFor(dropReplyFault('x'), 'down')).toBeInstanceOf(PatternSieve)
  expect(sieveFor(dropReplyFault('x'), 'up')).toBeUndefined()
  expect(sieveFor(delayFault('delay', 1), 'up')).toBeUndefined()
  expect(sieveFor(PASS, 'down')).toBeUndefined()
})
