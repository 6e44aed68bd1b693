import type { Watched } from '../api/watched.ts'
import { processMetrics } from './prometheus/process-metrics.ts'
import { rowMetrics } from './prometheus/row-metrics.ts'
import { type Sample, samplesOf, stateOf } from './prometheus/samples.ts'
import { rowType, type StatRow } from './row.ts'

export { lacking } from './prometheus/lacking.ts'

/** What `?scope=` may say, beside `*` (everything) and nothing at all (nothing). */
const scopes = ['global', 'frontend', 'backend', 'server', 'listener', 'sticktable'] as const

export function isScope(text: string): boolean {
  return text === '' || text === '*' || (scopes as readonly string[]).includes(text)
}

export interface PrometheusOptions {
  /** In the order of the query. None: everything. */
  readonly scopes?: readonly string[]
  /** No servers in maintenance. */
  readonly noMaint?: boolean
}

/** What HAProxy's exporter shows, by its names and labels, as Prometheus' text format 0.0.4. */
export function prometheus(watched: Watched, { scopes: asked = [], noMaint = false }: PrometheusOptions = {}): string {
  const wanted = wantedScopes(asked)
  const rows = watched.rows()
  const groups = [
    ['frontend', 'F', rowType.frontend],
    ['backend', 'B', rowType.backend],
    ['server', 'S', rowType.server],
  ] as const
  const parts = groups
    .filter(([scope]) => wanted.has(scope))
    .flatMap(([scope, kind, type]) => {
      const shown = rows.filter((row) => row.type === type && !(noMaint && isInMaintenance(row)))
      return rowMetrics
        .filter(([, kinds]) => kinds.includes(kind))
        .map(([column, , name, form, help]) =>
          metric(
            `haproxy_${scope}_${name}`,
            form,
            help,
            shown.flatMap((row) => samplesOf(row, column, rows)),
          ),
        )
    })
  return (wanted.has('global') ? processText(watched) : '') + parts.join('')
}

function wantedScopes(asked: readonly string[]): Set<string> {
  if (asked.length === 0) return new Set(scopes)
  return asked.reduce((wanted, scope) => {
    if (scope === '') return new Set<string>()
    return scope === '*' ? new Set<string>(scopes) : wanted.add(scope)
  }, new Set<string>())
}

function isInMaintenance(row: StatRow): boolean {
  return row.type === rowType.server && stateOf(row) === 'MAINT'
}

function processText(watched: Watched): string {
  const info = watched.info()
  const parts = processMetrics
    .filter(([field]) => info.has(field))
    .map(([field, name, type, help]) =>
      metric(`haproxy_process_${name}`, type, help, [{ labels: {}, value: String(info.get(field)) }]),
    )
  const build = { labels: { version: String(info.get('Version') ?? '') }, value: '1' }
  return parts.join('') + metric('haproxy_process_build_info', 'gauge', 'What this is.', [build])
}

/** What has no sample is not mentioned, as HAProxy has it. */
function metric(name: string, type: string, help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return ''
  const lines = samples.map(({ labels, value }) => `${name}${labelText(labels)} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const all = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return all.length === 0 ? '' : `{${all.join(',')}}`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
