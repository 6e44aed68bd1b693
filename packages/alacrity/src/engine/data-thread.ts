import { parentPort, workerData } from 'node:worker_threads'
import type { Order, Report, ThreadData } from './plan.ts'
import { Plane } from './plane.ts'

// The entry of a data thread: orders in, reports out.

const control = parentPort
if (!control) throw new Error('this file is run by the balancer, as a worker thread')

const report = (report: Report) => control.postMessage(report)
const plane = new Plane(workerData as ThreadData, report)

async function carryOut(order: Order): Promise<void> {
  switch (order.type) {
    case 'apply':
      return report({ type: 'applied', version: order.version, failed: await plane.apply(order.plan) })
    case 'address':
      return plane.address(order)
    case 'shut':
      return report({ type: 'done', request: order.request, count: plane.shut(order) })
    case 'turn':
      return plane.turn(order)
    case 'room':
      return plane.room()
    case 'out':
      return plane.out(order.backend, order.server)
    case 'stop':
      return plane.stop()
    case 'cut':
      return plane.cut()
    case 'leave':
      await plane.leave()
      return report({ type: 'done', request: order.request, count: 0 })
  }
}

/** Plans are carried out one after the other; everything else is done at once. */
let applied: Promise<void> = Promise.resolve()
control.on('message', (order: Order) => {
  if (order.type !== 'apply') void carryOut(order)
  else applied = applied.then(() => carryOut(order))
})
report({ type: 'ready' })
