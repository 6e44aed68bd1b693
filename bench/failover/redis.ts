import { RedisConnector } from '@tourniquet/redis'
import { startRedis } from '@tourniquet/testkit'
import type { Redis } from 'ioredis'
import type { Subject } from '../outage/subject.ts'

/** The table knows its providers by their URLs. */
class UrlConnector extends RedisConnector {
  override id(source: string): string {
    return source
  }
}

const redis: Subject<Redis> = {
  name: 'Redis',
  connector: () => new UrlConnector(),
  start: (name) => startRedis({ name }),
  ping: (client) => client.get('text'),
  hold: (client) => client.blpop('nothing', 0),
}

export default redis
