import { demo } from '../../src/demo.ts'
import type { Scenario, Side } from '../../src/scenario.ts'
import { core } from '../../src/scenarios/core/core.ts'

/** Tells its engine that every call is idempotent: those that are not are then executed twice. */
const lying = (side: Side): Side => ({
  ...side,
  call: (id, _idempotent, onAttempt) => side.call(id, true, onAttempt),
})

/** As `core`, but with a lie on the side that has standby. */
const scenario: Scenario = {
  ...core,
  async start() {
    const stage = await core.start()
    return { ...stage, sides: stage.sides.map((side) => (side.standby ? lying(side) : side)) }
  },
}

process.exitCode = await demo(process.argv.slice(2), [scenario])
