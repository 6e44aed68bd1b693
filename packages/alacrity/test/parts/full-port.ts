import { spawn } from 'node:child_process'

/** A port that never answers: somebody listens there, takes nobody, and has no room left for more. */
export interface FullPort extends AsyncDisposable {
  readonly port: number
}

/** Python: Node cannot listen without accepting. */
const program = `
import socket, sys
server = socket.socket()
server.bind(('127.0.0.1', 0))
server.listen(0)
port = server.getsockname()[1]
waiting = []
for _ in range(4):
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(('127.0.0.1', port))
    waiting.append(client)
print(port, flush=True)
sys.stdin.read()
`

export async function startFullPort(): Promise<FullPort> {
  const child = spawn('python3', ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const port = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.stdout.once('data', (line) => resolve(Number(line)))
  })
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await exited
    },
  }
}
