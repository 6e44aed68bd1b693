import { now } from './time.ts'

/** One provider, as the ring knows it. Plain data. */
export interface Provider<Source> {
  readonly id: string
  source: Source
  /** Not dialled again before this time, unless all are cooling. */
  coolUntil: number
  /** Why it was left or could not be connected, until a run on it succeeded again. */
  lastError: unknown
}

/** Whether it is not to be dialled yet. */
export function isCooling({ coolUntil }: Provider<unknown>): boolean {
  return coolUntil > now()
}

/** What is known of one provider. `source` is the caller's own object and not enumerable. */
export interface ProviderInfo<Source> {
  readonly provider: string
  readonly source: Source
  /**
   * `'current'`: runs go there. `'spare'`: connected too, and taken first. `'cooling'`: not dialled until its cool-down is
   * over. `'idle'`: none of these.
   */
  readonly state: 'current' | 'spare' | 'cooling' | 'idle'
  /** Why it was left or could not be connected, until a run on it succeeds again. */
  readonly lastError?: unknown
}

/**
 * The name of a provider where the connector gives none; undefined where the source shows none that can be printed. A
 * password must never be part of it, not even of a text that is no proper URL.
 */
export function defaultId(source: unknown): string | undefined {
  if (typeof source === 'string') return printable(source)
  const {
    href,
    host,
    hostname = host,
    port,
  } = (source ?? {}) as { href?: unknown; host?: unknown; hostname?: unknown; port?: number | string }
  if (typeof href === 'string') return printable(href)
  const shown = typeof hostname === 'string' ? printable(hostname) : undefined
  if (shown === undefined) return undefined
  const name = shown.includes(':') ? `[${shown}]` : shown
  return port === undefined ? name : `${name}:${port}`
}

function printable(text: string): string | undefined {
  const id = text.replace(/^([\w+.-]+:\/\/)?([^:/?#]*)(:[^/?#]*)?@/, '$1$2@')
  // A colon with an @ behind it may still be a password, and `a=b c=d` is a list of settings.
  return /:(?!\/\/).*@|^$/s.test(id) || /[\s=]/.test(id.split('?', 1)[0] ?? '') ? undefined : id.replace(/[?#].*/s, '')
}
