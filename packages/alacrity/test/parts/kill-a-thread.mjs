// Loaded into every thread of a balancer under test: on SIGUSR2 its first data thread ends by an error that nobody
// catches, as a defect would end it.
import { BroadcastChannel, isMainThread, workerData } from 'node:worker_threads'

const channel = new BroadcastChannel('kill a thread')
channel.unref()
if (isMainThread) process.on('SIGUSR2', () => channel.postMessage('now'))
else if (workerData?.thread === 0) {
  channel.onmessage = () => {
    throw new Error('killed by a test')
  }
}
