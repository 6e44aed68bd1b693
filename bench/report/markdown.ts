import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Where the tables are shown. */
const page = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url))

export type Section = 'cost' | 'failover' | 'drop-in' | 'balancer'

const begin = (section: Section) => `<!-- ${section}: written by npm run bench -->`
const end = (section: Section) => `<!-- end of ${section} -->`

/** What stands between the marks of `section` in `text`, the rest around it. */
function split(text: string, section: Section): { before: string; between: string; after: string } {
  const from = text.indexOf(begin(section)) + begin(section).length
  const to = text.indexOf(end(section))
  if (from < begin(section).length || to < from) throw new Error(`docs/benchmarks.md has lost its marks of ${section}`)
  return { before: text.slice(0, from), between: text.slice(from, to), after: text.slice(to) }
}

/** The generated part of the page that shows one table. */
export function readSection(section: Section): string {
  return split(readFileSync(page, 'utf8'), section).between
}

/** Replaces that part; what is written around it by hand stays. */
export function writeSection(section: Section, content: string): void {
  const { before, after } = split(readFileSync(page, 'utf8'), section)
  writeFileSync(page, `${before}\n\n${content.trim()}\n\n${after}`)
}

/** A table whose columns are as wide as they must be, so that it can be read as it is, too. */
export function tableOf(header: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = header.map((title, at) => Math.max(3, title.length, ...body.map((cells) => cells[at]?.length ?? 0)))
  const line = (cells: readonly string[], fill: string) =>
    `| ${widths.map((width, at) => (cells[at] ?? '').padEnd(width, fill)).join(' | ')} |`
  return [line(header, ' '), line([], '-'), ...body.map((cells) => line(cells, ' '))].join('\n')
}
