import { expect, it } from 'vitest'
import type { StatRow } from './row.ts'
import { select } from './select.ts'

const of = (
  pxname: string,
  svname: string,
  type: number,
  iid: number,
  sid: number,
  more: Partial<StatRow> = {},
): StatRow => ({ pxname, svname, type, iid, sid, status: 'UP', ...more })
const rows = [
  of('db', 'FRONTEND', 0, 2, 0),
  of('db', 'a', 2, 2, 1),
  of('db', 'b', 2, 2, 2, { status: 'MAINT (via x/y)' }),
  of('db', 'c', 2, 2, 3, { status: 'DOWN', check_health: 0 }),
  of('db', 'd', 2, 2, 4, { status: 'DOWN 1/2', check_health: 1 }),
  of('db', 'BACKEND', 1, 2, 0),
  of('web', 'FRONTEND', 0, 3, 0),
]
const names = (wanted: Parameters<typeof select>[1]) => select(rows, wanted).map(({ svname }) => svname)

it('is all of them where nothing is asked', () => {
  expect(select(rows, {})).toEqual(rows)
  expect(select(rows, { iid: -1, types: -1, sid: -1 })).toEqual(rows)
})

it('goes by proxy, kind and server', () => {
  expect(names({ iid: 3 })).toEqual(['FRONTEND'])
  expect(names({ types: 3 })).toEqual(['FRONTEND', 'BACKEND', 'FRONTEND'])
  expect(names({ iid: 2, types: 4, sid: 2 })).toEqual(['b'])
  expect(names({ iid: 2, sid: 1 })).toEqual(['FRONTEND', 'a', 'BACKEND'])
  expect(names({ types: 0 })).toEqual([])
  expect(names({ scope: 'WE' })).toEqual(['FRONTEND'])
})

it('hides servers that are down or in maintenance', () => {
  expect(names({ iid: 2, types: 4, noMaint: true })).toEqual(['a', 'c', 'd'])
  expect(names({ iid: 2, types: 4, up: true })).toEqual(['a', 'd'])
})
