import { expect, test } from 'vitest'
import { parsePs, parseStat, processTable } from './process-table.ts'
import { descend } from './process-tree.ts'

test('reads a line of /proc/PID/stat, whatever the program is called', () => {
  const line = '42 (a (b) c) T 7 42 7 34816 42 4194304 1 2 3 4 5 6 7 8 20 0 11 0 987654 1 2'
  expect(parseStat(line)).toEqual({ pid: 42, state: 'T', ppid: 7, started: '987654' })
})

test('reads the output of ps', () => {
  const output = '    1     0 Ss   Mon Jan  5 10:00:00 2026\n  42     1 TN+  Mon Jan  5 10:00:01 2026\n'
  expect(parsePs(output)).toEqual([
    { pid: 1, ppid: 0, state: 'S', started: 'Mon Jan 5 10:00:00 2026' },
    { pid: 42, ppid: 1, state: 'T', started: 'Mon Jan 5 10:00:01 2026' },
  ])
})

test('finds this process', () => {
  const self = processTable().find(({ pid }) => pid === process.pid)
  expect(self?.ppid).toBe(process.ppid)
})

test('a tree is a process and all below it, the process first', () => {
  const table = [
    [5, 4],
    [4, 2],
    [2, 1],
    [3, 1],
    [6, 2],
  ].map(([pid = 0, ppid = 0]) => ({ pid, ppid, state: 'S', started: '1' }))
  expect(descend(table, 2).map(({ pid }) => pid)).toEqual([2, 4, 5, 6])
  expect(descend(table, 9)).toEqual([])
})
