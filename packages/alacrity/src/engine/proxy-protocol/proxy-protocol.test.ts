import { describe, expect, test } from 'vitest'
import { type Decoded, decodeProxyHeader } from './decode.ts'
import { encodeProxyHeader } from './encode.ts'
import type { Ends } from './ends.ts'

const v4: Ends = { source: { address: '10.1.2.3', port: 51_234 }, destination: { address: '192.0.2.9', port: 5_432 } }
const v6: Ends = {
  source: { address: '2001:db8::1', port: 1 },
  destination: { address: '2001:db8:0:0:0:0:0:ffff', port: 65_535 },
}

describe('a PROXY header', () => {
  test('version 1 is the line that the protocol has', () => {
    expect(`${encodeProxyHeader(1, v4)}`).toBe('PROXY TCP4 10.1.2.3 192.0.2.9 51234 5432\r\n')
    expect(`${encodeProxyHeader(1, v6)}`).toBe('PROXY TCP6 2001:db8::1 2001:db8:0:0:0:0:0:ffff 1 65535\r\n')
    expect(`${encodeProxyHeader(1, undefined)}`).toBe('PROXY UNKNOWN\r\n')
  })

  test('version 2 is the bytes that the protocol has', () => {
    const head = '0d0a0d0a000d0a515549540a'
    expect(encodeProxyHeader(2, v4).toString('hex')).toBe(`${head}2111000c0a010203c0000209c8221538`)
    expect(encodeProxyHeader(2, undefined).toString('hex')).toBe(`${head}20000000`)
    expect(encodeProxyHeader(2, v6).toString('hex')).toBe(
      `${head}2121002420010db800000000000000000000000120010db800000000000000000000ffff0001ffff`,
    )
  })

  test('IPv4 in the clothes of IPv6 goes without them, unless the other end is IPv6', () => {
    const mixed: Ends = {
      source: { address: '::ffff:10.1.2.3', port: 1 },
      destination: { address: '192.0.2.9', port: 2 },
    }
    expect(`${encodeProxyHeader(1, mixed)}`).toBe('PROXY TCP4 10.1.2.3 192.0.2.9 1 2\r\n')
    const both: Ends = { source: { address: '10.1.2.3', port: 1 }, destination: { address: '::1', port: 2 } }
    expect(`${encodeProxyHeader(1, both)}`).toBe('PROXY TCP6 ::ffff:10.1.2.3 ::1 1 2\r\n')
    expect(decodeProxyHeader(encodeProxyHeader(2, both))).toMatchObject({
      ends: { source: { address: '::ffff:10.1.2.3' } },
    })
  })

  test.each([
    [1, v4],
    [2, v4],
    [1, undefined],
    [2, undefined],
  ] as const)('version %s is read as it was written, and from every piece of it nothing yet', (version, ends) => {
    const bytes = encodeProxyHeader(version, ends)
    const whole = Buffer.concat([bytes, Buffer.from('SELECT')])
    expect(decodeProxyHeader(whole)).toEqual({ state: 'done', length: bytes.length, ...(ends && { ends }) })
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeProxyHeader(bytes.subarray(0, length)), `${length} bytes`).toEqual({ state: 'more' })
    }
  })

  test.each([
    'GET / HTTP/1.0\r\n\r\n',
    'PROXY TCP5 1.2.3.4 1.2.3.4 1 1\r\n',
    'PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n',
    'PROXY TCP4 1.2.3.4 1.2.3.4 1 1 1\r\n',
    'PROXY TCP4 1.2.3.400 1.2.3.4 1 1\r\n',
    'PROXY TCP4 ::1 ::1 1 1\r\n',
    'PROXY TCP6 1.2.3.4 ::1 1 1\r\n',
    'PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n',
    'PROXY TCP4 1.2.3.4 1.2.3.4 01 1\r\n',
    'PROXY TCP4 1.2.3.4 1.2.3.4 -1 1\r\n',
    'PROXY TCP4  1.2.3.4 1.2.3.4 1 1\r\n',
    `PROXY TCP4 ${'1'.repeat(200)}`,
    '\r\n\r\n\0\r\nQUIT\n\x11\x11\0\x0c',
    '\r\n\r\n\0\r\nQUIT\n\x22\x11\0\x0c',
    '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0babcdefghijk',
    'x',
  ])('%j is bad', (text) => {
    expect(decodeProxyHeader(Buffer.from(text, 'latin1')).state).toBe('bad')
  })

  test('what version 2 may carry beside addresses is passed over', () => {
    const plain = encodeProxyHeader(2, v4)
    const header = Buffer.concat([plain, Buffer.from('0300045a5a5a5a', 'hex')])
    header.writeUInt16BE(12 + 7, 14)
    const decoded = decodeProxyHeader(header) as Extract<Decoded, { state: 'done' }>
    expect(decoded).toEqual({ state: 'done', length: header.length, ends: v4 })
  })
})
