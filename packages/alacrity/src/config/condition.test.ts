import { expect, test } from 'vitest'
import { inListen, read } from '../../test/config/reading.ts'
import type { Condition, Configuration, Test } from './model.ts'

function conditionOf(condition: string, acls = ''): { when: Condition; configuration: Configuration } {
  const configuration = read(inListen(`${acls}\n tcp-request content reject ${condition}`))
  return { when: configuration.proxies[0]!.contentRules[0]!.when!, configuration }
}

/** Of one expression. */
function testsOf(expression: string): readonly Test[] {
  return conditionOf(`if { ${expression} }`).when.anyOf[0]![0]!.anyOf
}

const yes: Test = { kind: 'always', value: true }
const no: Test = { kind: 'always', value: false }

test.each<[string, object[]]>([
  ['always_true', [yes]],
  ['always_false', [no]],
  ['src 10.0.0.1', [{ kind: 'src', networks: [network(4, [10, 0, 0, 1], 32)] }]],
  [
    'src 10.0.0.0/8 127.0.0.1',
    [{ kind: 'src', networks: [network(4, [10, 0, 0, 0], 8), network(4, [127, 0, 0, 1], 32)] }],
  ],
  ['src 10.0.0.0/255.255.0.0', [{ kind: 'src', networks: [network(4, [10, 0, 0, 0], 16)] }]],
  ['src -m ip -i -- 10.0.0.1', [{ kind: 'src', networks: [network(4, [10, 0, 0, 1], 32)] }]],
  ['src ::1', [{ kind: 'src', networks: [network(6, [...zeros(15), 1], 128)] }]],
  ['src 2001:db8::/32', [{ kind: 'src', networks: [network(6, [0x20, 1, 0x0d, 0xb8, ...zeros(12)], 32)] }]],
  ['src ::ffff:1.2.3.4', [{ kind: 'src', networks: [network(6, [...zeros(10), 255, 255, 1, 2, 3, 4], 128)] }]],
  [
    'src 1:2:3:4:5:6:7:8',
    [{ kind: 'src', networks: [network(6, [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8], 128)] }],
  ],
  ['src -m found', [yes]],
  ['dst_port 80', [{ kind: 'dst_port', ranges: [[80, 80]] }]],
  [
    'dst_port 80 8000:8010',
    [
      {
        kind: 'dst_port',
        ranges: [
          [80, 80],
          [8000, 8010],
        ],
      },
    ],
  ],
  ['dst_port ge 1024', [{ kind: 'dst_port', ranges: [[1024, 65_535]] }]],
  ['dst_port lt 1024', [{ kind: 'dst_port', ranges: [[0, 1023]] }]],
  [
    'dst_port gt 9 le 5',
    [
      {
        kind: 'dst_port',
        ranges: [
          [10, 65_535],
          [0, 5],
        ],
      },
    ],
  ],
  ['nbsrv(l) eq 2', [{ kind: 'nbsrv', backend: 'l', compare: 'eq', value: 2 }]],
  ['nbsrv(l) 2', [{ kind: 'nbsrv', backend: 'l', compare: 'eq', value: 2 }]],
  ['nbsrv lt 1', [{ kind: 'nbsrv', backend: 'l', compare: 'le', value: 0 }]],
  ['nbsrv(l) ge 3', [{ kind: 'nbsrv', backend: 'l', compare: 'ge', value: 3 }]],
  ['nbsrv(l) gt 3', [{ kind: 'nbsrv', backend: 'l', compare: 'ge', value: 4 }]],
  ['nbsrv(l) :3', [{ kind: 'nbsrv', backend: 'l', compare: 'le', value: 3 }]],
  ['nbsrv(l) 1:3', [1, 2, 3].map((value) => ({ kind: 'nbsrv', backend: 'l', compare: 'eq', value }))],
  ['nbsrv(l) -m bool', [{ kind: 'nbsrv', backend: 'l', compare: 'gt', value: 0 }]],
  ['srv_is_up(l/s)', [{ kind: 'srv_is_up', backend: 'l', server: 's' }]],
  ['srv_is_up(s)', [{ kind: 'srv_is_up', backend: 'l', server: 's' }]],
])('{ %s }', (expression, expected) => {
  expect(testsOf(expression)).toEqual(expected)
})

function network(family: 4 | 6, address: number[], prefix: number): object {
  return { family, address: Uint8Array.from(address), prefix }
}

function zeros(count: number): number[] {
  return Array<number>(count).fill(0)
}

const acls = ' acl a src 10.0.0.1\n acl b always_false\n acl a always_true'
const a = { negate: false, anyOf: [{ kind: 'src', networks: [network(4, [10, 0, 0, 1], 32)] }, yes] }
const b = { negate: false, anyOf: [no] }

test.each<[string, object]>([
  ['if a', { negate: false, anyOf: [[a]] }],
  ['unless a', { negate: true, anyOf: [[a]] }],
  ['if a b', { negate: false, anyOf: [[a, b]] }],
  ['if a or b', { negate: false, anyOf: [[a], [b]] }],
  ['if a b || b', { negate: false, anyOf: [[a, b], [b]] }],
  ['if !a', { negate: false, anyOf: [[{ ...a, negate: true }]] }],
  [
    'if ! a !b',
    {
      negate: false,
      anyOf: [
        [
          { ...a, negate: true },
          { ...b, negate: true },
        ],
      ],
    },
  ],
  ['if !!a', { negate: false, anyOf: [[a]] }],
  ['if !{ always_true }', { negate: false, anyOf: [[{ negate: true, anyOf: [yes] }]] }],
  [
    'if TRUE FALSE',
    {
      negate: false,
      anyOf: [
        [
          { negate: false, anyOf: [yes] },
          { negate: false, anyOf: [no] },
        ],
      ],
    },
  ],
  [
    'if LOCALHOST',
    {
      negate: false,
      anyOf: [
        [
          {
            negate: false,
            anyOf: [{ kind: 'src', networks: [network(4, [127, 0, 0, 1], 8), network(6, [...zeros(15), 1], 128)] }],
          },
        ],
      ],
    },
  ],
])('%s', (condition, expected) => {
  expect(conditionOf(condition, acls).when).toEqual(expected)
})

test('an own acl goes before the one that is always there', () => {
  expect(conditionOf('if TRUE', ' acl TRUE always_false').when.anyOf[0]![0]!.anyOf).toEqual([no])
})

test('nothing to compare with never holds, and warns', () => {
  const { when, configuration } = conditionOf('if { nbsrv(l) }')
  expect(when.anyOf).toEqual([[{ negate: false, anyOf: [no] }]])
  expect(configuration.warnings).toMatchObject([{ message: expect.stringContaining('never holds') }])
})

test('connection rules come first; those of the session before those of the content', () => {
  const lines = 'content accept|session reject if TRUE|connection reject if FALSE'.split('|')
  const { connectionRules, contentRules } = read(inListen(lines.map((line) => `tcp-request ${line}`).join('\n')))
    .proxies[0]!
  expect(connectionRules).toMatchObject([{ action: 'reject', when: { anyOf: [[{ anyOf: [no] }]] } }])
  expect(contentRules).toMatchObject([{ action: 'reject' }, { action: 'accept' }])
})

test('use_backend and use-server', () => {
  const [proxy] = read(inListen('use_backend other if { src 10.0.0.1 }\n use-server s unless TRUE')).proxies
  expect(proxy!.useBackend).toMatchObject([{ backend: 'other', when: { negate: false } }])
  expect(proxy!.useServer).toMatchObject([{ server: 's', when: { negate: true } }])
})
