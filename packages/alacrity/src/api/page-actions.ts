import { CommandError, type Watched } from './watched.ts'

/** HAProxy's words for what came of a form: all done, only in part, nothing chosen, not understood, not allowed. */
export type Outcome = 'DONE' | 'PART' | 'NONE' | 'ERRP' | 'DENY'

type Action = (watched: Watched, backend: string, server: string) => unknown

/** HAProxy's actions, by the names its own form has for them. */
const actions: Readonly<Record<string, Action>> = {
  ready: (watched, backend, server) => watched.setState(backend, server, 'ready'),
  drain: (watched, backend, server) => watched.setState(backend, server, 'drain'),
  maint: (watched, backend, server) => watched.setState(backend, server, 'maint'),
  ehlth: (watched, backend, server) => watched.setChecks(backend, server, true),
  dhlth: (watched, backend, server) => watched.setChecks(backend, server, false),
  hrunn: (watched, backend, server) => watched.setHealth(backend, server, 'up'),
  hnolb: (watched, backend, server) => watched.setHealth(backend, server, 'stopping'),
  hdown: (watched, backend, server) => watched.setHealth(backend, server, 'down'),
  shutdown: (watched, backend, server) => watched.shutdownSessions(backend, server),
}

/** Carries out what the page's form says: `action`, `b` (a backend's name, or `#` and its id), and any number of `s`. */
export async function act(watched: Watched, form: URLSearchParams): Promise<Outcome> {
  const name = form.get('action') ?? ''
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined
  const backend = backendOf(watched, form.get('b') ?? '')
  const servers = form.getAll('s')
  if (!action || backend === undefined) return 'ERRP'
  if (servers.length === 0) return 'NONE'
  const results = await Promise.all(servers.map((server) => isDone(() => action(watched, backend, server))))
  if (results.every((done) => done)) return 'DONE'
  return results.includes(true) ? 'PART' : 'ERRP'
}

async function isDone(work: () => unknown): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (error instanceof CommandError) return false
    throw error
  }
}

function backendOf({ proxies }: Watched, name: string): string | undefined {
  const id = /^#(\d+)$/.exec(name)?.[1]
  return proxies.find((proxy) => (id === undefined ? proxy.name === name : proxy.id === Number(id)))?.name
}
