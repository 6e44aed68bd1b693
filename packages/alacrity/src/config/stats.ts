import { readCondition } from './condition.ts'
import { type Directives, group, type Reader, refused } from './directive.ts'
import { refuse } from './errors.ts'
import type { Mutable } from './global-draft.ts'
import type { StatsConfig } from './model.ts'
import type { ProxyDraft } from './proxy-draft.ts'
import { takeMs } from './units.ts'

type Stats = Mutable<StatsConfig>

/** As HAProxy does, any word of the page switches it on. */
function page(read: (...args: [...Parameters<Reader<Stats>>, proxy: ProxyDraft]) => void): Reader<ProxyDraft> {
  return (words, proxy, reading) => {
    proxy.settings.stats ??= newStats()
    proxy.ownPage = true
    read(words, proxy.settings.stats, reading, proxy)
  }
}

function newStats(): Stats {
  return {
    uri: '/haproxy?stats',
    realm: 'HAProxy Statistics',
    auth: [],
    hideVersion: false,
    showLegends: false,
    showModules: false,
  }
}

const stats: Directives<ProxyDraft> = {
  enable: page(() => {}),
  uri: page((words, own) => {
    own.uri = words.take('a path such as /stats')
  }),
  realm: page((words, own) => {
    own.realm = words.take('a name')
  }),
  auth: page((words, own) => {
    // The word holds a password: no message shows it.
    const [, user, password] = /^([^:]+):(.*)$/.exec(words.take('user:password')) ?? refuse('expected user:password')
    words.endOfOneWord()
    own.auth = [...own.auth, { user: user!, password: password! }]
  }),
  refresh: page((words, own) => {
    own.refreshMs = takeMs(words, 's')
  }),
  admin: page((words, own, reading, proxy) => {
    if (proxy.kind === 'defaults') refuse("expected a section of 'mode http', not defaults")
    own.admin = readCondition(words, proxy, reading)
  }),
  scope: page((words, own) => {
    own.scope = [...(own.scope ?? []), words.take("the name of a section, or '.'")]
  }),
  'hide-version': page((_words, own) => {
    own.hideVersion = true
  }),
  'show-legends': page((_words, own) => {
    own.showLegends = true
  }),
  'show-modules': page((_words, own) => {
    own.showModules = true
  }),
  'show-desc': page((words, own) => {
    own.showDesc = words.rest().join(' ')
  }),
  'show-node': page((words, own) => {
    own.showNode = words.rest().join(' ')
  }),
  ...refused('http-request', "it is not known here: expected 'stats auth user:password'"),
  ...refused('socket timeout maxconn bind-process', "expected it in the 'global' section"),
}

export const readStats: Reader<ProxyDraft> = group(stats, "a word of the page, such as 'enable', 'uri' or 'auth'")
