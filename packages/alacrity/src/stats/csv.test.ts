import { expect, it } from 'vitest'
import { csv, csvHeader } from './csv.ts'
import { columns, type StatRow } from './row.ts'

const row: StatRow = { pxname: 'db', svname: 'a', type: 2, scur: 0, addr: '10.0.0.1:1' }

it('leaves empty what is not set, and writes 0', () => {
  const [header, line] = csv([row]).split('\n')
  expect(`${header}\n`).toBe(csvHeader)
  const values = line!.split(',')
  expect(values).toHaveLength(columns.length + 1)
  expect([
    values[0],
    values[1],
    values[columns.indexOf('scur')],
    values[columns.indexOf('qcur')],
    values.at(-1),
  ]).toEqual([...['db', 'a', '0', '', '']])
})

it('quotes only what has to be quoted', () => {
  const texts = { last_chk: 'said "no", then\nwent', check_desc: 'Layer4 check passed' }
  expect(csv([{ ...row, ...texts }])).toContain('"said ""no"", then\nwent"')
  expect(csv([{ ...row, ...texts }])).toContain(',Layer4 check passed,')
})

it('is nothing but its header without rows', () => {
  expect(csv([])).toBe(csvHeader)
  expect(csvHeader).toMatch(/^# pxname,svname,.*,agg_check_status,\n$/)
})
