import { describe, expect, test } from 'vitest'
import { greeted } from '../parts/held.ts'
import { stays } from '../parts/origin.ts'
import { pairOfFile } from '../parts/pair.ts'

const pair = pairOfFile({
  origins: { a: stays('a'), b: stays('b'), c: stays('c') },
  config: (at) => `frontend by-address
  bind ${at('by-address')}
  acl near src 127.0.1.0/24 127.0.2.1
  acl far src 127.0.2.0/24
  use_backend on-a if near !far
  use_backend on-b if { src 127.0.3.0/24 } or far
  use_backend on-c unless { src 127.0.0.0/8 }
  default_backend on-c
frontend nowhere
  bind ${at('nowhere')}
  use_backend on-a if { src 127.9.9.9 }
frontend by-port
  bind ${at('by-port')}
  bind ${at('other-port')}
  use_backend on-a if { dst_port ${at('other-port').split(':')[1] || 1} }
  default_backend on-b
frontend by-servers
  bind ${at('by-servers')}
  use_backend on-a if { nbsrv(on-a) lt 1 }
  use_backend on-b if { nbsrv(backups) gt 1 }
  use_backend backups if { nbsrv(backups) eq 1 }
  default_backend on-c
frontend by-state
  bind ${at('by-state')}
  use_backend on-b if { srv_is_up(rules/a) }
  default_backend on-c
frontend rejects-connections
  bind ${at('rejects-connections')}
  tcp-request connection accept if { src 127.0.1.1 }
  tcp-request connection reject if { src 127.0.1.0/24 }
  default_backend on-a
frontend rejects-content
  bind ${at('rejects-content')}
  tcp-request content accept if { src 127.0.1.1 }
  tcp-request content reject if { src 127.0.1.0/24 }
  default_backend on-a
backend on-a
  server a ${at('a')}
backend on-b
  server b ${at('b')}
backend on-c
  server c ${at('c')}
backend backups
  server a ${at('a')} disabled
  server b ${at('b')} backup
  server c ${at('c')} backup
listen rules
  bind ${at('rules')}
  use-server a if { src 127.0.1.0/24 }
  use-server c unless { src 127.0.0.0/16 }
  server a ${at('a')}
  server b ${at('b')} weight 0
  server c ${at('c')} weight 0
`,
})

const addresses = ['127.0.0.1', '127.0.1.1', '127.0.1.2', '127.0.2.1', '127.0.2.2', '127.0.3.9', '127.1.1.1']

async function sameAnswers(section: string): Promise<string> {
  const { haproxy, alacrity } = await pair.both(async (stage) => {
    const names: string[] = []
    for (const address of addresses) names.push(await greeted(stage.port(section), address))
    return names.join(' ')
  })
  expect(alacrity).toBe(haproxy)
  return alacrity
}

describe('where a connection goes', () => {
  test.each([
    ['by-address', 'c a a b b b c'],
    ['nowhere', 'nobody nobody nobody nobody nobody nobody nobody'],
    ['by-port', 'b b b b b b b'],
    ['other-port', 'a a a a a a a'],
    ['rejects-connections', 'a a nobody a a a a'],
    ['rejects-content', 'a a nobody a a a a'],
    ['rules', 'a a a a a a c'],
  ])('%s', async (section, expected) => {
    expect(await sameAnswers(section)).toBe(expected)
  })

  test('by-servers, by-state: as the servers come and go', async () => {
    const commands = [
      'disable server on-a/a',
      'enable server on-a/a',
      'set weight backups/b 0',
      'set weight backups/c 0',
    ]
    const states = ['drain', 'maint', 'ready']
    for (const command of ['', ...commands]) {
      await pair.both((stage) => stage.admin(command))
      await sameAnswers('by-servers')
    }
    for (const state of states) {
      await pair.both((stage) => stage.admin(`set server rules/a state ${state}`))
      await sameAnswers('by-state')
      await sameAnswers('rules')
    }
  })

  test('the counters of all of them', async () => {
    const sections = ['by-address', 'nowhere', 'by-port', 'by-servers', 'by-state', 'rejects-connections']
    for (const section of [...sections, 'rejects-content', 'on-a', 'on-b', 'on-c', 'backups', 'rules']) {
      await pair.sameRows(section)
    }
  })
})
