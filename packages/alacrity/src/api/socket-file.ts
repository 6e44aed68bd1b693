import { existsSync, lstatSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'

/**
 * Makes room for a socket at a path. A file nobody answers on is what a crash left: it is removed.
 *
 * @throws Error that says why one cannot listen there: somebody answers, or it is no socket
 */
export async function freeSocketFile(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined && existsSync(dirname(path))) return
  if (found === undefined) throw new Error(`cannot listen on ${path}: its folder is not there`)
  if (!found.isSocket()) throw new Error(`${path} is there and is no socket: remove it, or use another path`)
  if (await answers(path)) {
    throw new Error(`somebody answers on ${path}: stop the other balancer, or use another path`)
  }
  rmSync(path, { force: true })
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path)
    const done = (is: boolean): void => {
      probe.destroy()
      resolve(is)
    }
    probe.once('connect', () => done(true))
    // A full queue says that somebody is there, too.
    probe.once('error', (error: NodeJS.ErrnoException) => done(error.code === 'EAGAIN'))
  })
}
