import { expect, test } from 'vitest'
import { LineError } from './line/line-error.ts'
import { LineSplitter } from './line/line-splitter.ts'
import { Tail } from './process/tail.ts'
import { parseQueues } from './proxy/delivered.ts'

test('the queues of a connection: what one end has not sent, what the other has not read', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0
   1: 0100007F:1F90 0100007F:C001 01 0000000A:00000001 00:00000000 00000000     0
   2: 0100007F:C001 0100007F:1F90 01 00000002:000000FF 00:00000000 00000000     0
`
  expect(parseQueues(table, 0x1f90, 0xc001)).toEqual({ sending: 10, unread: 255 })
  expect(parseQueues(table, 0x1f90, 0xc002)).toEqual({ sending: 0, unread: 0 })
})

test('lines come out whole, however they came in', () => {
  const splitter = new LineSplitter()
  expect(splitter.push('one\ntw')).toEqual(['one'])
  expect(splitter.push('o')).toEqual([])
  expect(splitter.push('\n\nthree\n')).toEqual(['two', '', 'three'])
})

test('a tail keeps the end', () => {
  const tail = new Tail()
  tail.add('a'.repeat(5_000))
  tail.add('end')
  expect(String(tail)).toBe(`${'a'.repeat(4_093)}end`)
})

test('a line error has the refusal’s first word', () => {
  expect(new LineError('READONLY go elsewhere')).toMatchObject({ word: 'READONLY', message: 'READONLY go elsewhere' })
})
