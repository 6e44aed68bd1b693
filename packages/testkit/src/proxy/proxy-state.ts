import type { Address } from '../process/server-options.ts'
import { type Fault, PASS, type Way } from './fault.ts'

/** What a fault proxy and its connections share. */
export class ProxyState {
  readonly target: Address
  fault: Fault = PASS
  accepted = 0
  dials = 0
  bytesUp = 0
  bytesDown = 0
  /** To be called after the present fault has struck. */
  struck: () => void = () => {}

  constructor(target: Address) {
    this.target = target
  }

  passed(way: Way, bytes: number): void {
    if (way === 'up') this.bytesUp += bytes
    else this.bytesDown += bytes
  }
}
