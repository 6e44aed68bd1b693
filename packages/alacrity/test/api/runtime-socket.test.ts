import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { csvHeader } from '../../src/stats/csv.ts'
import { runtimeOfFile } from '../parts/runtime.ts'
import { ask, talk } from './ask.ts'
import { type RealHaproxy, startHaproxy } from './real-haproxy.ts'

const { path, start } = runtimeOfFile()

describe('what HAProxy answers', () => {
  let haproxy: RealHaproxy
  beforeAll(async () => {
    haproxy = await startHaproxy()
  })
  afterAll(() => haproxy[Symbol.asyncDispose]())

  // In this order, on both: what one changes the next may see.
  const same = [
    ...['show backend', 'show cli level', 'show stat nope 4 1', 'show servers state nope', 'show errors nope', 'quit'],
    ...['get weight db/a', 'get weight #2/#1', 'get weight db', 'get weight db/zz', 'get weight zz/a'],
    ...['set weight db/a 5', 'get weight db/a', 'set weight db/a 50%', 'get weight db/a', 'set weight db/a 300'],
    ...['set weight db/a -1', 'set weight db/a x', 'set weight db/a 5x', 'set weight db/a', 'set server db/a weight'],
    ...['set server db/a weight 10', 'get weight db/a', 'set server', 'set server x', 'set server db/zz weight 1'],
    ...[
      'set server zz/a state ready',
      'set server db/a state',
      'set server db/a state bogus',
      'set server db/ weight 3',
    ],
    ...['set server db/a health bogus', 'set server db/a health', 'set server db/a state drain'],
    ...['set server db/a state maint', 'set server db/a state ready', 'set server db/a state ready extra'],
    ...[
      'set server db/b addr 127.0.0.2',
      'set server db/b addr 127.0.0.2',
      'set server db/b addr',
      'set server db/b addr x',
      // Somebody is there: elsewhere its checks would fail.
      'set server db/b addr 127.0.0.1',
    ],
    ...['set server be/e addr 127.0.0.1 port 17105', 'set server be/e addr 127.0.0.2 port 17106'],
    ...['set server be/e addr 127.0.0.2 port abc', 'set server be/e addr 127.0.0.1 port 17105'],
    ...['disable server be/e', 'enable server be/e', 'disable server be', 'disable server be/zz', 'enable server'],
    ...['disable health db/a', 'enable health db/a', 'enable health db/c', 'enable health', 'disable health zz/a'],
    ...[
      'disable frontend f1',
      'disable frontend f1',
      'enable frontend f1',
      'enable frontend f1',
      'disable frontend be',
    ],
    ...['disable frontend', 'set maxconn server db/b 9', 'set maxconn server db/b', 'set maxconn server db/b x'],
    ...[
      'set maxconn server db/zz 3',
      'set maxconn frontend f1 200',
      'set maxconn frontend f1',
      'set maxconn frontend f1 -3',
    ],
    ...['set maxconn frontend nope 3', 'set maxconn global 1000', 'set maxconn global 999999', 'set maxconn global'],
    ...[
      'shutdown sessions server be/e',
      'shutdown sessions server be/zz',
      'shutdown sessions server',
      'clear counters',
    ],
    ...['clear counters all', 'set timeout cli 10s', 'set timeout cli', 'set timeout cli x', 'set timeout cli 0'],
    ...[
      'set timeout',
      'set timeout bogus 3',
      'operator',
      'user',
      'get weight db/a; get weight db/b',
      '\\get weight db/b',
    ],
    ...[
      '  get   weight   db/a ',
      'get weight db/a # told',
      'operator; set weight db/a 3',
      'add server',
      'add server be',
    ],
    ...['add server nope/x 127.0.0.1:1', 'add server be/y', 'add server be/y 127.0.0.1:1 bogus'],
    ...['add server be/x 127.0.0.1:1234 weight 5', 'add server be/x 127.0.0.1:1234', 'enable server be/x'],
    ...[
      'del server be/x',
      'disable server be/x',
      'del server be/x',
      'del server be/x',
      'del server',
      'show errors; quit; quit',
    ],
  ]

  it(`is answered to the letter, ${same.length} times`, async () => {
    await start()
    const ours: string[] = []
    const theirs: string[] = []
    for (const line of same) {
      const clean = (text: string) => `${line}: ${JSON.stringify(text.replace(/on \[[^\]]+\]/, 'on [now]'))}`
      theirs.push(clean(await ask(haproxy.socket, line)))
      ours.push(clean(await ask(path, line)))
    }
    expect(ours).toEqual(theirs)
  })

  it.each(['user', 'operator'] as const)('lets the level %s do the same', async (level) => {
    await start(level)
    const lines = [
      'show cli level',
      'get weight db/a',
      'set weight db/a 5',
      'clear counters all',
      'show servers state nope',
    ]
    lines.push(
      'operator',
      'set timeout cli 5s',
      'set server be/e state maint',
      'disable server be/e',
      'add server be/x',
    )
    lines.push('set maxconn global 5', 'shutdown sessions server be/e', 'enable frontend f1', 'disable health db/a')
    for (const line of lines) {
      expect(`${line}: ${await ask(path, line)}`).toBe(`${line}: ${await ask(`${haproxy.socket}.${level}`, line)}`)
    }
  })

  it('keeps a conversation after prompt', async () => {
    await start()
    for (const bytes of [
      'prompt\nget weight db/b\nquit\n',
      'prompt;get weight db/b;prompt;operator\n',
      'operator\nuser\n',
    ]) {
      expect(await talk(path, bytes)).toBe(await talk(haproxy.socket, bytes))
    }
  })

  it('shows its statistics and state in the same formats', async () => {
    await start()
    const head = (text: string) => text.split('\n', 1)[0]!.split(',-,')[0]!.replace(/,$/, '')
    for (const line of ['show stat', 'show stat up', 'show stat 2 4 1', 'show stat db 1 -1', 'show stat no-maint']) {
      const [ours, theirs] = [await ask(path, line), await ask(haproxy.socket, line)]
      const names = (text: string) => text.split('\n').map((row) => row.split(',', 2).join(','))
      expect(head(ours)).toBe(head(theirs))
      expect(names(ours)).toEqual(names(theirs).filter((name) => !name.startsWith('http,')))
    }
    const states = (text: string) => text.split('\n', 2)
    expect(states(await ask(path, 'show servers state'))).toEqual(
      states(await ask(haproxy.socket, 'show servers state')),
    )
    expect((await ask(path, 'show stat json')).slice(0, 190)).toBe(
      (await ask(haproxy.socket, 'show stat json')).slice(0, 190),
    )
  })

  it('tags every value as HAProxy does', async () => {
    await start()
    for (const line of ['show stat typed', 'show info typed']) {
      const tags = (text: string) =>
        new Map(
          [...text.matchAll(/^((?:[FSB]\.[\d.]+\.)?\d+\.[^.\n]+)\.1:(...:\w+):/gm)].map(([, name, tag]) => [name, tag]),
        )
      const theirs = tags(await ask(haproxy.socket, line))
      const ours = tags(await ask(path, line))
      expect(ours.size).toBeGreaterThan(20)
      for (const [name, tag] of ours) if (theirs.has(name)) expect(`${name} ${tag}`).toBe(`${name} ${theirs.get(name)}`)
    }
  })
})

describe('the dialogues of tools', () => {
  it('gives telegraf its CSV: one line, all of it until the end', async () => {
    await start()
    const said = await talk(path, 'show stat\n')
    expect(said.startsWith('# pxname,svname,qcur,')).toBe(true)
    expect(said.startsWith(csvHeader)).toBe(true)
    expect(said.endsWith(',\n\n')).toBe(true)
    expect(said.trim().split('\n')).toHaveLength(10)
  })

  it('gives haproxy_exporter its statistics and its info', async () => {
    await start()
    const info = await talk(path, 'show info\n')
    expect(info).toContain('Name: alacrity\nVersion: 1.2.3\n')
    expect(info.endsWith('\n\n')).toBe(true)
    expect(await talk(path, 'show stat -1 7 -1\n')).toContain('\ndb,BACKEND,')
  })

  it('helps who does not know', async () => {
    await start()
    expect(await ask(path, 'bogus')).toMatch(/^Unknown command. Please enter one of .*\n {2}add server /)
    const similar = await ask(path, 'set maxconn bogus')
    expect(similar).toMatch(/^Unknown command, but maybe .*\n {2}set maxconn frontend <frontend> <value> : change/)
    expect(await ask(path, 'help show stat')).toMatch(
      /^The following commands are valid at this level:\n {2}show stat .*\n {2}help /,
    )
    expect((await ask(path, 'help')).match(/^ {2}\w.{37,}: /gm)).toHaveLength(31)
  })
})
