import { describe, expect, test } from 'vitest'
import { Client } from '../parts/client.ts'
import { stays } from '../parts/origin.ts'
import { pairOfFile } from '../parts/pair.ts'

/** Sections with a server that refuses (`dead`, at an address where nobody listens) beside others. */
const sections: Record<string, string> = {
  'no-other': 'retries 2\n  server dead {dead}',
  'no-retry': 'retries 0\n  server dead {dead}\n  server a {a}',
  'redispatch-last': 'retries 2\n  option redispatch\n  server dead {dead}\n  server a {a}',
  'redispatch-each': 'retries 2\n  option redispatch 1\n  server dead {dead}\n  server a {a}',
  'redispatch-second': 'retries 3\n  option redispatch 2\n  server dead {dead}\n  server a {a}',
  'not-redispatched': 'retries 1\n  server dead {dead}\n  server a {a}',
  'all-dead': 'retries 3\n  option redispatch 1\n  server dead {dead}\n  server dead2 {dead2}\n  server dead3 {dead3}',
  'to-backup': 'retries 2\n  option redispatch 1\n  server dead {dead}\n  server a {a} backup',
  leastconn: 'balance leastconn\n  retries 2\n  option redispatch 1\n  server dead {dead}\n  server a {a}',
  first: 'balance first\n  retries 2\n  option redispatch 1\n  server dead {dead}\n  server a {a}',
  source:
    'balance source\n  retries 2\n  option redispatch\n  server dead {dead}\n  server a {a}\n  server dead2 {dead2}',
  'with-maxconn': 'retries 2\n  option redispatch 1\n  server dead {dead} maxconn 1\n  server a {a} maxconn 1',
}

const pair = pairOfFile({
  origins: { a: stays('a') },
  config: (at) =>
    Object.entries(sections)
      .map(
        ([name, lines]) =>
          `listen ${name}\n  bind ${at(name)}\n  ${lines.replace(/\{(\w+)\}/g, (_, server) => at(server))}\n`,
      )
      .join(''),
})

/** What one connection gets, and after how many pauses of a second: a late one is not taken for two. */
async function attempt(port: number) {
  const began = performance.now()
  const client = new Client(port)
  client.socket.once('data', () => client.socket.end())
  const { text, how } = await client.over
  client.socket.end()
  return { text, how, pauses: Math.floor((performance.now() - began) / 950) }
}

describe('a server that refuses', () => {
  test.concurrent.each(Object.keys(sections))('%s', async (section) => {
    const { haproxy, alacrity } = await pair.both(async (stage) => [
      await attempt(stage.port(section)),
      await attempt(stage.port(section)),
      await attempt(stage.port(section)),
    ])
    expect(alacrity).toEqual(haproxy)
    await pair.sameRows(section)
  })
})
