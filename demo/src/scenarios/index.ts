import type { OwnScript, Scenario } from '../scenario.ts'
import { alacrity } from './alacrity/alacrity.ts'
import { bullmq } from './bullmq/bullmq.ts'
import { core } from './core/core.ts'
import { grpc } from './grpc/grpc.ts'
import { pg } from './pg/pg.ts'
import { redis } from './redis/redis.ts'

/** All there are; the first is the default. */
export const scenarios: readonly (Scenario | OwnScript)[] = [core, grpc, redis, pg, bullmq, alacrity]
