export { type RuntimeSocket, startRuntimeSocket } from './socket.ts'
