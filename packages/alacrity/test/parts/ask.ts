import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { type Row, rowsOf } from './rows.ts'

/** A command on a runtime socket, and its whole answer. */
export async function ask(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer to ${command}`)))
  socket.write(`${command}\n`)
  return await text(socket)
}

/** The first row with this `svname` (and `pxname`). */
export async function rowOf(port: number, svname: string, pxname?: string): Promise<Row> {
  const rows = rowsOf(await ask(port, 'show stat'))
  const row = rows.find((each) => each.svname === svname && (pxname === undefined || each.pxname === pxname))
  if (!row) throw new Error(`there is no row ${svname}`)
  return row
}
