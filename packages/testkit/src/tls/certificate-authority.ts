import { join } from 'node:path'
import { badInput, checkLine } from '../bad-input.ts'
import { findProgram } from '../install/find-program.ts'
import { needProgram } from '../install/need-program.ts'
import { runProgram } from '../install/run-program.ts'
import { TempFolder } from '../process/temp-folder.ts'

/** Paths of PEM files. */
export interface CertificateFiles {
  readonly cert: string
  readonly key: string
}

export interface CertificateOptions {
  /** Its common name. One line. Default `localhost`. */
  readonly name?: string
  /** The host names it is for. Default: `localhost`. */
  readonly hosts?: readonly string[]
  /** The IP addresses it is for. Default: `127.0.0.1`. */
  readonly addresses?: readonly string[]
  /** Whether its time has passed. Default `false`. */
  readonly expired?: boolean
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** Signs certificates, for servers and for clients. All its files are in a folder of its own, gone after dispose. */
export class CertificateAuthority implements Disposable {
  readonly #openssl: string
  readonly #folder: TempFolder
  #issued = 0

  constructor(openssl: string) {
    this.#openssl = openssl
    this.#folder = new TempFolder('tourniquet-ca')
  }

  /** The path of its own certificate: what others must trust. */
  get ca(): string {
    return this.#path('ca.pem')
  }

  /** @throws TypeError if an option is not what it must be */
  async issue(options: CertificateOptions = {}): Promise<CertificateFiles> {
    checkOptions(options)
    const { name = 'localhost', hosts = ['localhost'], addresses = ['127.0.0.1'], expired = false } = options
    const number = ++this.#issued
    const [cert, key, request] = ['pem', 'key', 'csr'].map((type) => this.#path(`${number}.${type}`)) as [
      string,
      string,
      string,
    ]
    const names = [...hosts.map((each) => `DNS:${each}`), ...addresses.map((each) => `IP:${each}`)].join()
    const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${names}`]
    await this.#run('req', ...KEY, '-keyout', key, '-out', request, ...subject)
    const signer = ['-CA', this.ca, '-CAkey', this.#path('ca.key'), '-copy_extensions', 'copy']
    await this.#run('x509', '-req', '-in', request, ...signer, '-days', expired ? '-1' : '30', '-out', cert)
    return { cert, key }
  }

  /** Makes its own certificate. */
  async begin(): Promise<void> {
    const subject = ['-subj', '/CN=tourniquet test authority', '-days', '30']
    await this.#run('req', '-x509', ...KEY, '-keyout', this.#path('ca.key'), '-out', this.ca, ...subject)
  }

  [Symbol.dispose](): void {
    this.#folder.remove()
  }

  #path(file: string): string {
    return join(this.#folder.path, file)
  }

  async #run(...args: string[]): Promise<void> {
    await runProgram(this.#openssl, args)
  }
}

/**
 * Makes a certificate authority for one test: `using authority = await startCertificateAuthority()`.
 *
 * @throws Error if there is no `openssl`, and it cannot be installed
 */
export async function startCertificateAuthority(): Promise<CertificateAuthority> {
  const find = () => findProgram('openssl')
  const need = { program: 'openssl', find, debian: { name: 'openssl' }, brew: 'openssl' }
  const authority = new CertificateAuthority(await needProgram(need))
  try {
    await authority.begin()
    return authority
  } catch (error) {
    authority[Symbol.dispose]()
    throw error
  }
}

function checkOptions(options: CertificateOptions): void {
  if (typeof options !== 'object' || options === null) throw badInput('options', 'an object', options)
  const { name, hosts = [], addresses = [], expired } = options
  if (name !== undefined) checkLine('name', name)
  for (const host of hosts) checkLine('hosts', host)
  for (const address of addresses) checkLine('addresses', address)
  if (expired !== undefined && typeof expired !== 'boolean') throw badInput('expired', 'true or false', expired)
}
