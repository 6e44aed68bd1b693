import { waitFor } from '@tourniquet/testkit'
import { describe, expect, test } from 'vitest'
import { Client } from '../parts/client.ts'
import { pairOfFile } from '../parts/pair.ts'
import type { Stage } from '../parts/stage.ts'

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const v2 = (command: number, family: number, body: Buffer) =>
  Buffer.concat([signature, Buffer.of(command, family, body.length >> 8, body.length & 255), body])
const ends4 = Buffer.of(10, 1, 2, 3, 10, 4, 5, 6, 0x12, 0x34, 0, 80)
const ends6 = Buffer.concat([
  Buffer.from(`20010db8${'0'.repeat(23)}1`, 'hex'),
  Buffer.from(`20010db8${'0'.repeat(23)}2`, 'hex'),
  Buffer.of(0x12, 0x34, 0, 80),
])
const v1 = (text: string) => Buffer.from(`PROXY ${text}\r\n`, 'latin1')

/** HAProxy reads numbers as far as they go, and takes what it got. */
const taken = ['version 1, a port too large', 'version 1, no address']

/** The specification allows these, and has them mean what LOCAL means; or it allows to come in pieces. HAProxy does not. */
const allowed = ['version 1, unknown with addresses', 'version 2, not said', 'version 2, UDP', 'version 2, UNIX']

const headers: { readonly [name: string]: Buffer } = {
  'version 1, IPv4': v1('TCP4 10.1.2.3 10.4.5.6 4660 80'),
  'version 1, IPv6': v1('TCP6 2001:db8::1 2001:db8::2 4660 80'),
  'version 1, unknown': v1('UNKNOWN'),
  'version 1, unknown with addresses': v1('UNKNOWN ffff::1 ffff::2 1 2'),
  'version 2, IPv4': v2(0x21, 0x11, ends4),
  'version 2, IPv6': v2(0x21, 0x21, ends6),
  'version 2, local': v2(0x20, 0, Buffer.alloc(0)),
  'version 2, local with addresses': v2(0x20, 0x11, ends4),
  'version 2, not said': v2(0x21, 0, Buffer.alloc(0)),
  'version 2, UDP': v2(0x21, 0x12, ends4),
  'version 2, UNIX': v2(0x21, 0x31, Buffer.alloc(216, 97)),
  'version 2, with more': v2(0x21, 0x11, Buffer.concat([ends4, Buffer.of(0x04, 0, 1, 0)])),
  'version 1, a port too large': v1('TCP4 10.1.2.3 10.4.5.6 70000 80'),
  'version 1, no ports': v1('TCP4 10.1.2.3 10.4.5.6'),
  'version 1, no address': v1('TCP4 10.1.2 10.4.5.6 1 2'),
  'version 1, IPv6 in TCP4': v1('TCP4 ::1 ::1 1 2'),
  'version 1, another family': v1('TCP5 10.1.2.3 10.4.5.6 1 2'),
  'version 1, words behind': v1('TCP4 10.1.2.3 10.4.5.6 1 2 3'),
  'version 1, two spaces': v1('TCP4  10.1.2.3 10.4.5.6 1 2'),
  'version 1, a line feed alone': Buffer.from('PROXY TCP4 10.1.2.3 10.4.5.6 1 2\n'),
  'version 1, too long': v1(`UNKNOWN ${'x'.repeat(120)}`),
  'version 2, another version': v2(0x31, 0x11, ends4),
  'version 2, another command': v2(0x22, 0x11, ends4),
  'version 2, too short for its addresses': v2(0x21, 0x11, ends4.subarray(0, 8)),
  'no header at all': Buffer.from('GET / HTTP/1.0\r\n\r\n'),
  'the beginning of the word, and then others': Buffer.from('PROXIES ARE FUN\r\n'),
}

const pair = pairOfFile({
  origins: {
    // What the program behind it says of the client is in its greeting; then an echo.
    echo: (socket) => void socket.pipe(socket),
  },
  defaults: 'timeout client 1s',
  config: (at) => `listen accepts
  bind ${at('accepts')} accept-proxy
  server echo ${at('echo')}
listen logs
  bind ${at('logs')} accept-proxy
  log stdout format raw local0
  log-format "logs %ci %cp %fi %fp %ts %B %U"
  server echo ${at('echo')}
listen sends1
  bind ${at('sends1')} accept-proxy
  server echo ${at('echo')} send-proxy
listen sends2
  bind ${at('sends2')} accept-proxy
  server echo ${at('echo')} send-proxy-v2
listen malformed
  bind ${at('malformed')} accept-proxy
  server echo ${at('echo')}
listen plain1
  bind ${at('plain1')}
  server echo ${at('echo')} send-proxy
listen plain2
  bind ${at('plain2')}
  server echo ${at('echo')} send-proxy-v2
`,
})

/** What comes back of a header and some words, in one piece or byte by byte. */
async function talk(stage: Stage, section: string, bytes: Buffer, isSlow = false) {
  const client = new Client(stage.port(section))
  if (isSlow) {
    for (const [at, byte] of bytes.entries()) {
      client.socket.write(Buffer.of(byte))
      // It refuses at its first look: the rest must not be there by then.
      if (at === 0 && stage.name === 'haproxy') await waitFor(() => client.isOver, { what: 'a refusal' })
      await new Promise((resolve) => setImmediate(resolve))
    }
  } else client.socket.write(bytes)
  client.socket.write('words')
  await waitFor(() => client.received.endsWith('words') || client.isOver, { what: 'an answer, or the end' })
  client.socket.end()
  const { how, text } = await client.over
  client.socket.destroy()
  return { how, text: withoutPorts(text) }
}

/** A header about our own two sockets has other ports each time. */
function withoutPorts(text: string): string {
  const addresses = Buffer.of(127, 0, 0, 1, 127, 0, 0, 1).toString('latin1')
  const at = text.indexOf(addresses)
  if (at >= 0) return `${text.slice(0, at)}here${text.slice(at + addresses.length + 4)}`
  return text.replace(/127\.0\.0\.1 127\.0\.0\.1 \d+ \d+/, '127.0.0.1 127.0.0.1 port port')
}

describe('PROXY headers', () => {
  test.each(Object.keys(headers))('%s', async (name) => {
    for (const section of ['accepts', 'sends1', 'sends2']) {
      const { haproxy, alacrity } = await pair.both((stage) => talk(stage, section, headers[name] as Buffer))
      if (taken.includes(name)) {
        expect(haproxy.text).toContain('words')
        expect(alacrity).toEqual({ how: 'ECONNRESET', text: '' })
      } else if (allowed.includes(name)) {
        expect(haproxy).toEqual({ how: 'ECONNRESET', text: '' })
        expect(alacrity.text).toContain('words')
      } else expect(alacrity).toEqual(haproxy)
    }
  })

  test.each(['version 1, IPv4', 'version 1, IPv6', 'version 2, IPv4', 'version 2, IPv6'])(
    '%s: the log shows who it says',
    async (name) => {
      const { haproxy, alacrity } = await pair.both(async (stage) => {
        await talk(stage, 'logs', headers[name] as Buffer)
        return await waitFor(() => stage.logged(`${name.includes('IPv4') ? 'logs 10.' : 'logs 2001:'}`).at(-1), {
          what: `a line of ${stage.name}`,
        })
      })
      expect(alacrity).toBe(haproxy)
    },
  )

  test.each(['version 1, IPv4', 'version 2, IPv6'])('%s, byte by byte: alacrity waits for the rest', async (name) => {
    const { haproxy, alacrity } = await pair.both((stage) => talk(stage, 'sends2', headers[name] as Buffer, true))
    expect(haproxy.how).toBe('ECONNRESET')
    expect(alacrity.text).toContain('words')
  })

  test.each(['plain1', 'plain2'])('%s: to the server, of a client without one', async (section) => {
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      return await talk(stage, section, Buffer.alloc(0))
    })
    expect(alacrity).toEqual(haproxy)
  })

  test('the counters of those that are right, and of those that are not', async () => {
    for (const section of ['logs', 'malformed', 'plain1', 'plain2']) {
      if (section === 'malformed')
        await pair.both((stage) => talk(stage, section, headers['version 1, no ports'] as Buffer))
      await pair.sameRows(section)
    }
  })
})
