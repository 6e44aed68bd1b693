import type { StagedProvider } from './scene.ts'
import type { Dial } from './witness.ts'

/** What is left of services and sockets, in words. */
export function leaksOf(dials: readonly Dial[], providers: readonly StagedProvider[]): string[] {
  return [...dials.flatMap(leakOf), ...providers.flatMap(socketsOf)]
}

function leakOf({ to, state, signal, disconnects }: Dial): string[] {
  if (state === 'pending' && signal.aborted) {
    return [`connect: it ignores its signal; the one to ${to} was given up, and still goes on`]
  }
  if (state === 'pending') return [`connect: the one to ${to} was never given up`]
  if (state === 'failed' || disconnects === 1) return []
  const often = disconnects === 0 ? 'never disconnected' : `disconnected ${disconnects} times`
  return [`disconnect: the service that connect() opened to ${to} was ${often}; it must be once`]
}

function socketsOf({ name, proxy }: StagedProvider): string[] {
  if (proxy.open === 0) return []
  const sockets = proxy.open === 1 ? '1 socket to' : `${proxy.open} sockets to`
  return [`disconnect: ${sockets} ${name} never closed; disconnect() must close all that connect() opened`]
}
