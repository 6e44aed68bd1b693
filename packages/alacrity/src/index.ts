// Running a balancer.
export { Balancer, type BalancerOptions } from './control/balancer.ts'
export { configurationFor, type Shorthand } from './shorthand.ts'

// Reading a configuration.
export { ConfigurationError, formatProblem } from './config/errors.ts'
export { type ReadOptions, readConfiguration, readConfigurationFile } from './config/read.ts'
export type * from './config/model.ts'

// Watching it, and telling it what to do.
export { CommandError, type AdminState, type NewServer, type Watched, type WatchedServer } from './api/watched.ts'
export type { Column, StatRow } from './stats/row.ts'
