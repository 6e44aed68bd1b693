import { freePort, waitFor } from '@tourniquet/testkit'
import { describe, expect, test } from 'vitest'
import { startAlacrity } from './parts/alacrity.ts'
import { ask } from './parts/ask.ts'
import { readAll } from './parts/client.ts'
import { startNameServer } from './parts/name-server.ts'
import { says, startOrigin } from './parts/origin.ts'
import { rowsOf } from './parts/rows.ts'

const head = (socket: number, dns: number) => `global
  hard-stop-after 100ms
  stats socket ipv4@127.0.0.1:${socket} level admin
defaults
  mode tcp
  timeout connect 1s
  timeout client 10s
  timeout server 10s
resolvers dns
  nameserver one 127.0.0.1:${dns}
  hold valid 1s
  timeout retry 1s
`

async function servers(socket: number) {
  const rows = rowsOf(await ask(socket, 'show stat')).filter(({ type }) => type === '2')
  return rows.map(({ svname, addr, status }) => `${svname} ${addr} ${status}`)
}

// All of 127.0.0.0/8 is this machine, on Linux.
describe.runIf(process.platform === 'linux')('names', () => {
  test('a template has as many servers as its name has addresses; they come and go with them', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    await using dns = await startNameServer()
    await using two = await startOrigin(says('two'), 0, '127.0.0.2')
    await using three = await startOrigin(says('three'), two.port, '127.0.0.3')
    dns.names.set('db.test', ['127.0.0.2', '127.0.0.3'])
    const config = `${head(socket, dns.port)}
listen l
  bind 127.0.0.1:${front}
  server-template db 3 db.test:${two.port} resolvers dns init-addr none
`
    await using _alacrity = await startAlacrity({ port: front, config })
    await waitFor(async () => (await servers(socket)).filter((line) => line.endsWith('no check')).length === 2, {
      what: 'two servers',
    })
    expect(await servers(socket)).toEqual([
      `db1 127.0.0.2:${two.port} no check`,
      `db2 127.0.0.3:${two.port} no check`,
      'db3  MAINT (resolution)',
    ])
    expect([await readAll(front), await readAll(front)].sort()).toEqual(['three', 'two'])

    dns.names.set('db.test', ['127.0.0.3'])
    await waitFor(async () => (await servers(socket))[0] === 'db1  MAINT (resolution)', { what: 'one server less' })
    expect([await readAll(front), await readAll(front)]).toEqual(['three', 'three'])
    expect(three.accepted.length).toBeGreaterThanOrEqual(3)
  })

  test('one family fails: its addresses are kept, and the other goes on', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    await using dns = await startNameServer()
    dns.names.set('db.test', ['127.0.0.2', '::1'])
    const config = `${head(socket, dns.port)}
listen l
  bind 127.0.0.1:${front}
  server-template db 3 db.test:5432 resolvers dns init-addr none
`
    await using _alacrity = await startAlacrity({ port: front, config })
    const addresses = async () => (await servers(socket)).map((line) => line.split(' ')[1] ?? '').sort()
    const become = (...expected: string[]) =>
      waitFor(async () => `${await addresses()}` === `${expected}`, { what: `${expected}` })
    await become('', '127.0.0.2:5432', '[::1]:5432')
    dns.failing.add('AAAA')
    dns.names.set('db.test', ['127.0.0.2', '127.0.0.3'])
    await become('127.0.0.2:5432', '127.0.0.3:5432', '[::1]:5432')
    // The other one says that it has none left: that alone takes nobody away.
    dns.names.set('db.test', [])
    dns.failing.add('A')
    dns.failing.delete('AAAA')
    const asked = dns.asked
    await waitFor(() => dns.asked > asked + 6, { what: 'three more questions' })
    expect(await addresses()).toEqual(['127.0.0.2:5432', '127.0.0.3:5432', '[::1]:5432'])
    // Nobody answers anything else.
    dns.failing.delete('A')
    await become('', '', '')
  })

  test('a server follows its name; while the name server is away it stays where it was', async () => {
    const [front, socket] = [await freePort(), await freePort()]
    const dns = await startNameServer()
    await using two = await startOrigin(says('two'), 0, '127.0.0.2')
    await using _three = await startOrigin(says('three'), two.port, '127.0.0.3')
    dns.names.set('db.test', ['127.0.0.2'])
    const config = `${head(socket, dns.port)}
listen l
  bind 127.0.0.1:${front}
  server db db.test:${two.port} resolvers dns init-addr none
`
    await using _alacrity = await startAlacrity({ port: front, config })
    await waitFor(async () => (await servers(socket))[0] === `db 127.0.0.2:${two.port} no check`, {
      what: 'an address',
    })
    expect(await readAll(front)).toBe('two')
    dns.names.set('db.test', ['127.0.0.3'])
    await waitFor(async () => (await readAll(front)) === 'three', { what: 'the other address' })
    await dns[Symbol.asyncDispose]()
    // Longer than an answer holds, and than it takes to give up asking.
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    expect(await readAll(front)).toBe('three')
  })
})
