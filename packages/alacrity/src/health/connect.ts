import type { ServerCheck } from '../config/model.ts'
import type { Plan, Step } from './steps.ts'

/** The connection that a check begins with where its own steps do not say. */
export function implicitConnect(check: ServerCheck, where = ''): Step {
  return { kind: 'connect', tls: false, where, ...(check.sendProxy && { sendProxy: check.sendProxy }) }
}

/** A server that lets us connect is well. */
export function connectPlan(check: ServerCheck): Plan {
  // After a PROXY header an RST could overtake it, and servers would log an error for each check.
  return { steps: [implicitConnect(check)], politely: check.sendProxy !== undefined }
}
