import type { Connector } from '@tourniquet/core'

/** What a trial wants to be told of: the source that it happened to. */
interface Watcher {
  readonly connected: (source: string) => void
  readonly probed: (source: string) => void
}

/** The same connector; it tells when a service is up, and when one has passed a probe. */
export function watched<Service>(
  connector: Connector<string, Service>,
  { connected, probed }: Watcher,
): Connector<string, Service> {
  const connect = connector.connect.bind(connector)
  connector.connect = async (source, context) => {
    const service = await connect(source, context)
    connected(source)
    return service
  }
  const probe = connector.probe?.bind(connector)
  if (!probe) return connector
  connector.probe = async (service, context) => {
    await probe(service, context)
    probed(context.source)
  }
  return connector
}
