import type { Place } from './model.ts'
import type { Problems } from './problems.ts'

interface Numbered {
  readonly name: string
  readonly place: Place
  readonly id?: number
}

/**
 * The numbers of sections or servers, in their order, as HAProxy gives them: an own one where the file says so, else
 * one more than the one before would have had, leaving out those that the file gives to others.
 */
export function numbers(things: readonly Numbered[], first: number, problems: Problems): number[] {
  const taken = new Map<number, string>()
  for (const { id, name, place } of things) {
    if (id === undefined) continue
    const other = taken.get(id)
    if (other !== undefined) problems.error(place, 'id', `${id} is the id of '${other}' already: expected another one`)
    taken.set(id, name)
  }
  let next = first
  return things.map(({ id }) => {
    while (id === undefined && taken.has(next)) next++
    const own = id ?? next
    next++ // also behind one with an `id`: that took a place in the row
    return own
  })
}
