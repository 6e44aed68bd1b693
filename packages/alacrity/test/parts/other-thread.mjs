// Another thread with the same cells, which does one of these as often as it is told to.
import { parentPort, workerData } from 'node:worker_threads'
import { tsImport } from 'tsx/esm/api'

const { lock, unlock } = await tsImport('../../src/engine/lock.ts', import.meta.url)
const { Numbers } = await tsImport('../../src/engine/numbers.ts', import.meta.url)

const { cells, thread, work, times } = workerData
const numbers = new Numbers(cells, thread)
const works = {
  knock: () => numbers.tryEnter() && numbers.leave(),
  count() {
    lock(numbers.shared, thread)
    numbers.shared[workerData.cell] = numbers.shared[workerData.cell] + 1
    unlock(numbers.shared)
  },
}

parentPort.postMessage('begins')
for (let at = 0; at < times; at++) works[work]()
