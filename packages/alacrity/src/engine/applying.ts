import { Backend } from './backend.ts'
import { Frontend } from './frontend.ts'
import type { Numbers } from './numbers.ts'
import type { Plan } from './plan.ts'

// A plan says the whole of what there is to be. What stays keeps its sessions and its numbers.

/** Returns those that are gone. */
export function applyFrontends(
  frontends: Map<string, Frontend>,
  { proxies }: Plan,
  process: Numbers,
  thread: number,
): Iterable<Frontend> {
  const before = new Map(frontends)
  frontends.clear()
  for (const plan of proxies) {
    if (!plan.frontend) continue
    const { name } = plan.config
    const known = before.get(name)
    const stays = known?.serial === plan.serial
    const frontend = known && stays ? known : new Frontend(plan, process, thread)
    frontend.config = plan.config
    frontends.set(name, frontend)
    if (stays) before.delete(name)
  }
  return before.values()
}

export function applyBackends(backends: Map<string, Backend>, { proxies }: Plan, thread: number): void {
  const before = new Map(backends)
  backends.clear()
  for (const plan of proxies) {
    if (!plan.backend) continue
    const known = before.get(plan.config.name)
    const backend = known?.serial === plan.serial ? known : new Backend(plan, thread)
    backend.update(plan)
    backends.set(plan.config.name, backend)
  }
}
