import { badInput, checkLine, checkPort } from '../bad-input.ts'

/** Paths of PEM files. */
export interface TlsFiles {
  cert: string
  key: string
  /** Whose certificates clients must show. Default: they need none. */
  ca?: string
}

export interface GrpcServerOptions {
  /** The `provider` of each of its replies. One line. Default `grpc-server`. */
  name?: string
  /** Default: a free one. */
  port?: number
  /** The file the executed ids are added to. Default: one of its own, removed on dispose. */
  ledger?: string
  /** Serves TLS. Default: plain text. */
  tls?: TlsFiles
}

/** Throws a TypeError that names the option which is not what it must be. */
export function checkGrpcOptions(options: GrpcServerOptions): void {
  if (typeof options !== 'object' || options === null) throw badInput('options', 'an object', options)
  const { name, port, ledger, tls } = options
  if (name !== undefined) checkLine('name', name)
  if (port !== undefined) checkPort('port', port)
  if (ledger !== undefined) checkLine('ledger', ledger)
  if (tls !== undefined) checkTls(tls)
}

function checkTls(tls: TlsFiles): void {
  if (typeof tls !== 'object' || tls === null) throw badInput('tls', 'an object with the paths "cert" and "key"', tls)
  checkLine('tls.cert', tls.cert)
  checkLine('tls.key', tls.key)
  if (tls.ca !== undefined) checkLine('tls.ca', tls.ca)
}
