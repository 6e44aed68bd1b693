// Loaded into every thread of a balancer under test: on SIGUSR2 its first data thread waits in the kernel for somebody
// to write into a pipe, which nobody does, as it would wait for a file of a server that is away.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BroadcastChannel, isMainThread, workerData } from 'node:worker_threads'

const channel = new BroadcastChannel('stick a thread')
channel.unref()
if (isMainThread) process.on('SIGUSR2', () => channel.postMessage('now'))
else if (workerData?.thread === 0) {
  channel.onmessage = () => {
    const folder = mkdtempSync(join(tmpdir(), 'stuck-'))
    execFileSync('mkfifo', [join(folder, 'pipe')])
    writeSync(1, 'stuck\n')
    readFileSync(join(folder, 'pipe'))
    rmSync(folder, { recursive: true })
  }
}
