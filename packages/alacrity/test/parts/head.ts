/** `global` and `defaults` as most tests want them: a runtime socket, a short end, time-outs that nobody runs into. */
export function headOf(socket: number, ...global: string[]): string {
  return `global
  hard-stop-after 200ms
  stats socket ipv4@127.0.0.1:${socket} level admin
${global.map((line) => `  ${line}\n`).join('')}defaults
  mode tcp
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout queue 30s
`
}
