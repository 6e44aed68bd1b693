// For those who send jobs to several Redis servers, and work on them.
export { BullMQRoundRobin } from './round-robin.ts'
export type { BullMQRoundRobinOptions, CommonQueueOptions } from './options.ts'
export type { BullMQSource } from './connector.ts'
export type { Queues } from './queues.ts'
export type { Flow, JobToSend, PerAttempt } from './jobs.ts'
export type { QueuesByName, QueueTypes } from './queue-types.ts'
export type { FailoverWorker } from './worker/failover-worker.ts'
export type { FailoverWorkerOptions } from './worker/worker-options.ts'
export type { From, WorkerEvents } from './worker/events.ts'

// For those who build on it.
export { BullMQConnector, type BullMQConnectorOptions } from './connector.ts'
