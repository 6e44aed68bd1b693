import { type GlobalDraft, newGlobal } from './global-draft.ts'
import type { Place } from './model.ts'
import { Problems } from './problems.ts'
import type { ProxyDraft } from './proxy-draft.ts'
import type { ResolversDraft } from './resolvers.ts'
import type { Environment } from './variable.ts'
import type { Words } from './words.ts'

/** A name that stands for a section or server which may come later in the file. */
export interface Reference {
  readonly place: Place
  readonly directive: string
  readonly backend: string
  readonly server?: string
}

/** All that was read so far. */
export class Reading {
  readonly problems: Problems = new Problems()
  /** A copy: `setenv` changes it. */
  readonly env: Record<string, string | undefined>
  readonly global: GlobalDraft = newGlobal()
  readonly proxies: ProxyDraft[] = []
  readonly resolvers: ResolversDraft[] = []
  readonly references: Reference[] = []
  /** The last `defaults` section, and those with a name. */
  defaults: ProxyDraft | undefined
  readonly namedDefaults: Map<string, ProxyDraft> = new Map()

  constructor(env: Environment) {
    this.env = { ...env }
  }

  warn({ place, directive }: Words, message: string): void {
    this.problems.warn(place, directive, message)
  }

  /** Remembers a name, to be looked up once everything was read. */
  refer({ place, directive }: Words, backend: string, server?: string): void {
    this.references.push({ place, directive, backend, ...(server !== undefined && { server }) })
  }
}
