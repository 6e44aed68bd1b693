import { fieldsOf, natures, origins, scopes, type Tags } from './fields.ts'
import { infoFields } from './info-fields.ts'
import { rowType, type StatRow } from './row.ts'

interface Field {
  readonly position: number
  readonly name: string
  readonly tags: Tags
  readonly value: string | number
}

const objectTypes: Readonly<Record<number, string>> = {
  [rowType.frontend]: 'Frontend',
  [rowType.backend]: 'Backend',
  [rowType.server]: 'Server',
  [rowType.listener]: 'Listener',
}

/** `show stat json`, and `;json`: a list of what each row holds, each value with its type and what it means. */
export function statJson(rows: readonly StatRow[]): string {
  return JSON.stringify(
    rows.map((row) => [...fieldsOf(row)].map((field) => ({ ...ownerOf(row), ...described(field) }))),
  )
}

/** `show info json`. */
export function infoJson(info: ReadonlyMap<string, string | number>): string {
  return JSON.stringify(infoFields(info).map(described))
}

/** `show stat typed`: a line per value. */
export function statTyped(rows: readonly StatRow[]): string {
  return rows.flatMap((row) => [...fieldsOf(row)].map((field) => `${ownerLetters(row)}.${typed(field)}\n`)).join('')
}

/** `show info typed`. */
export function infoTyped(info: ReadonlyMap<string, string | number>): string {
  return infoFields(info)
    .map((field) => `${typed(field)}\n`)
    .join('')
}

/** `show info`. */
export function infoText(info: ReadonlyMap<string, string | number>): string {
  return infoFields(info)
    .map(({ name, value }) => `${name}: ${value}\n`)
    .join('')
}

function ownerOf(row: StatRow): object {
  return { objType: objectTypes[row.type] ?? 'Unknown', proxyId: row.iid ?? 0, id: row.sid ?? 0 }
}

function ownerLetters(row: StatRow): string {
  return `${(objectTypes[row.type] ?? 'Unknown').charAt(0)}.${row.iid ?? 0}.${row.sid ?? 0}`
}

function described({ position, name, tags, value }: Field): object {
  const [origin, nature, scope] = tags
  return {
    field: { pos: position, name },
    processNum: 1,
    tags: {
      origin: origins[origin as keyof typeof origins],
      nature: natures[nature as keyof typeof natures],
      scope: scopes[scope as keyof typeof scopes],
    },
    value: { type: tags.slice(4), value },
  }
}

function typed({ position, name, tags, value }: Field): string {
  return `${position}.${name}.1:${tags}:${value}`
}
