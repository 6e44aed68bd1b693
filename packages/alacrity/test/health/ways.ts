import { httpWays } from './ways/http.ts'
import { protocolWays } from './ways/protocols.ts'
import { tcpWays } from './ways/tcp.ts'
import type { Way } from './ways/way.ts'

/** All ways to check that are compared. */
export const ways: readonly Way[] = [...tcpWays, ...httpWays, ...protocolWays]
