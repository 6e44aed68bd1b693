import { demo } from '../../src/demo.ts'
import type { Scenario } from '../../src/scenario.ts'
import { core } from '../../src/scenarios/core.ts'

/** As `core`, but it tells the engine that every call is idempotent: those that are not are then executed twice. */
const lying: Scenario = {
  ...core,
  async start() {
    const stage = await core.start()
    return { ...stage, call: (id, _idempotent, onAttempt) => stage.call(id, true, onAttempt) }
  },
}

process.exitCode = await demo(process.argv.slice(2), [lying])
