// Ends by itself if nothing of ours keeps the process alive. Argument: what might.
import { RoundRobin } from '../../src/index.ts'

const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
if (process.argv[2] === 'backoff') {
  const backoff = { initialMs: 600_000, maxMs: 600_000 }
  const rr = new RoundRobin(['a'], { connect: () => Promise.reject(refused) }, { backoff, maxAttempts: 9 })
  Math.random = () => 0.9
  await rr.run(() => 1, { deadlineMs: 20 }).catch(() => {})
} else {
  const rr = new RoundRobin(['a'], { connect: () => 1, probe: () => {} }, { heartbeatMs: 600_000 })
  await rr.run(() => 1)
}
