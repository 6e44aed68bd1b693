import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { timeouts } from '../../test/config/reading.ts'
import { readConfigurationFile } from './read.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alacrity-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

function listen(name: string): string {
  return `listen ${name}\n bind *:1\n server s 10.0.0.1:1\n`
}

test('one file', () => {
  const path = write('a.cfg', `${timeouts}${listen('a')}`)
  const { proxies, warnings } = readConfigurationFile(path)
  expect(proxies[0]!.place).toEqual({ file: path, line: 5 })
  expect(warnings).toEqual([])
})

test('files and folders, in their order; defaults hold for the files after them', () => {
  mkdirSync(join(folder, 'more'))
  const first = write('z.cfg', timeouts)
  for (const name of ['b', 'a']) write(`more/${name}.cfg`, listen(name))
  write('more/.hidden.cfg', 'nonsense')
  write('more/other.txt', 'nonsense')
  const { proxies, warnings } = readConfigurationFile([first, join(folder, 'more')])
  expect(proxies.map(({ name, timeouts: { client } }) => [name, client])).toEqual([
    ['a', 1000],
    ['b', 1000],
  ])
  expect(warnings).toEqual([])
})

test('each file begins outside of any section', () => {
  const [first, second] = [write('a.cfg', `${timeouts}${listen('a')}`), write('b.cfg', 'retries 3\n')]
  expect(() => readConfigurationFile([first, second])).toThrow(`${second}:1: retries: expected a section`)
})

test('what is not there is told, each', () => {
  const missing = ['x.cfg', 'y.cfg'].map((name) => join(folder, name))
  expect(() => readConfigurationFile(missing)).toThrow(
    missing
      .map((path) => `${path}: it cannot be read (ENOENT): expected a file, or a folder of *.cfg files`)
      .join('\n'),
  )
})

test('a folder without a configuration', () => {
  const [one, other] = ['one', 'other'].map((name) => join(folder, name))
  mkdirSync(one!)
  mkdirSync(other!)
  expect(() => readConfigurationFile([one!, other!])).toThrow(
    `${one}: no file in it ends in .cfg\n${other}: no file in it ends in .cfg`,
  )
})

test('an acl with its values in a file', () => {
  const list = write('list', '# offices\n\n10.0.0.1\n  10.1.0.0/16  \n')
  const path = write('a.cfg', `${timeouts}${listen('a')} tcp-request connection reject if { src -f ${list} 10.2.0.1 }`)
  const [rule] = readConfigurationFile(path).proxies[0]!.connectionRules
  const [condition] = rule!.when!.anyOf[0]![0]!.anyOf
  expect(condition).toMatchObject({ kind: 'src', networks: [{ prefix: 32 }, { prefix: 16 }, { prefix: 32 }] })
})
