import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { loads } from '../balancer/loads.ts'
import { rowIds, rows } from '../cost/rows.ts'
import { subjects } from '../drop-in/registry.ts'
import { scenarios } from '../outage/scenarios.ts'
import { readSection } from '../report/markdown.ts'

/** What the first column of the tables in a section says, and up to where a figure goes with it. */
function labels(section: 'cost' | 'failover'): string[] {
  const lines = readSection(section).split('\n')
  const tables = lines.filter((line) => line.startsWith('| '))
  return tables.map(
    (line) =>
      line
        .split('|')[1]
        ?.replace(/\(that takes .*\)/, '')
        .trim() ?? '',
  )
}

const docs = new URL('../../docs/', import.meta.url)

test('docs/benchmarks.md shows every row of the first table, and no other', () => {
  expect(labels('cost').filter((label) => label && !label.startsWith('-'))).toEqual(rowIds.map((id) => rows[id].label))
})

test('docs/benchmarks.md shows every row of the second table', () => {
  expect(labels('failover')).toEqual(expect.arrayContaining(scenarios.map(({ label }) => label)))
})

test('docs/benchmarks.md shows every drop-in', async () => {
  const shown = readSection('drop-in')
  for (const { name } of await subjects()) expect(shown).toContain(`**${name}**`)
})

test('docs/benchmarks.md shows every load of the balancer', () => {
  const shown = readSection('balancer')
  for (const { what } of loads) expect(shown).toContain(what)
})

test('the plots that the page shows are there', () => {
  const page = readFileSync(new URL('benchmarks.md', docs), 'utf8')
  const plots = [...page.matchAll(/!\[[^\]]+\]\(([^)]+\.svg)\)/g)].map(([, file = '']) => file)
  expect(plots).toEqual(['benchmarks.svg', 'benchmarks-failover.svg'])
  for (const plot of plots) expect(existsSync(new URL(plot, docs)), plot).toBe(true)
})
