import type { Scenario } from '../scenario.ts'
import { core } from './core/core.ts'
import { grpc } from './grpc/grpc.ts'
import { pg } from './pg/pg.ts'
import { redis } from './redis/redis.ts'

/** All there are; the first is the default. */
export const scenarios: readonly Scenario[] = [core, grpc, redis, pg]
