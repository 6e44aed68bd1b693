import { Socket } from 'node:net'
import { delivered } from './delivered.ts'
import type { Fault, Way } from './fault.ts'
import { hardReset } from './hard-reset.ts'
import { Lane, type LaneOwner } from './lane.ts'
import type { ProxyState } from './proxy-state.ts'

/** A client's connection and ours to the target, with a lane each way between them. */
export class ProxiedConnection implements LaneOwner {
  readonly #client: Socket
  readonly #target = new Socket({ allowHalfOpen: true })
  readonly #proxy: ProxyState
  readonly #lanes: readonly Lane[]
  #dialled = false
  #dialTimer: NodeJS.Timeout | undefined

  constructor(client: Socket, proxy: ProxyState) {
    this.#client = client
    this.#proxy = proxy
    this.#lanes = [new Lane('up', client, this.#target, this), new Lane('down', this.#target, client, this)]
    this.#dialInTime()
  }

  /** Resolves when both sockets are closed. */
  async closed(): Promise<void> {
    await Promise.all([this.#client, this.#target].map(closed))
  }

  get fault(): Fault {
    return this.#proxy.fault
  }

  faultChanged(): void {
    this.#dialInTime()
    for (const lane of this.#lanes) lane.faultChanged()
  }

  /** RST to both. */
  reset(): void {
    clearTimeout(this.#dialTimer)
    this.#dialled = true
    this.#stop()
    hardReset(this.#client)
    hardReset(this.#target)
  }

  passed(way: Way, bytes: number): void {
    this.#proxy.passed(way, bytes)
  }

  struck({ to }: Lane): void {
    this.#stop()
    const isSilence = this.fault.mode === 'dropReply' && this.fault.by === 'silence'
    this.#proxy.struck()
    if (isSilence) this.#fallSilent()
    else this.#resetAfterDelivery(to)
  }

  broke({ to }: Lane): void {
    this.#stop()
    this.#resetAfterDelivery(to)
  }

  #dialInTime(): void {
    clearTimeout(this.#dialTimer)
    const { fault } = this
    if (this.#dialled || fault.mode === 'freeze') return
    if ('ms' in fault) this.#dialTimer = setTimeout(() => this.#dial(), fault.ms)
    else this.#dial()
  }

  #dial(): void {
    this.#dialled = true
    this.#proxy.dials += 1
    this.#target.setNoDelay(true).connect(this.#proxy.target)
  }

  #stop(): void {
    for (const lane of this.#lanes) lane.stop()
  }

  #resetAfterDelivery(to: Socket): void {
    void delivered(to).then(() => this.reset())
  }

  #fallSilent(): void {
    for (const leaving of ['end', 'error', 'close']) this.#client.once(leaving, () => this.reset())
  }
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
}
