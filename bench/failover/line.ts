import { type LineClient, lineConnector, startLineServer } from '@tourniquet/testkit'
import type { Subject } from '../outage/subject.ts'

/** Core alone: the smallest service there is, over TCP. */
const line: Subject<LineClient> = {
  name: 'core, line servers',
  connector: lineConnector,
  start: (name) => startLineServer({ name }),
  ping: (client) => client.request('PING'),
  hold: (client) => client.request('HANG'),
}

export default line
