import type { Fault } from '../../scenario.ts'
import type { Provider } from './providers.ts'

/** @param foundWithinMs - how soon the heartbeat finds what nothing tells of */
export function faultsOf(the: (name: string) => Provider, foundWithinMs: number): readonly Fault[] {
  const foundByHeartbeat = { promise: 'G9', what: 'left within', ms: foundWithinMs }
  return [
    {
      name: 'kill',
      state: 'killed',
      mark: 'K',
      meaning: 'its process is gone (SIGKILL)',
      undone: 'is started again',
      strike: (name) => the(name).server.kill(),
      lift: (name) => the(name).server.restart(),
    },
    {
      name: 'freeze',
      state: 'frozen',
      mark: 'F',
      meaning: 'connected, but answers nothing (SIGSTOP)',
      undone: 'is thawed',
      limit: foundByHeartbeat,
      strike: (name) => the(name).server.freeze(),
      lift: (name) => the(name).server.thaw(),
    },
    {
      name: 'cut off',
      state: 'cut off',
      mark: 'C',
      meaning: 'the network swallows every byte to and from it',
      undone: 'has its network back',
      limit: foundByHeartbeat,
      strike: (name) => the(name).network.freeze(),
      lift: (name) => the(name).mend(),
    },
    {
      name: 'reset',
      state: 'reset',
      mark: 'R',
      meaning: 'the network resets every connection to it',
      undone: 'has its network back',
      strike: (name) => the(name).network.reset(),
      lift: (name) => the(name).mend(),
    },
  ]
}
