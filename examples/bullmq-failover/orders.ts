// What a shop does with BullMQ: it sends a job for each order, and works on them.
import type { Queue } from 'bullmq'

export interface Order {
  readonly number: number
}

/** The queues of the shop, so that what they hold is typed. */
export type Queues = {
  orders: Queue<Order, string, 'ship'>
}

/** How often each order was shipped: a job is worked on at least once, and this is what has to know. */
export const shipped = new Map<number, number>()

/** Works on an order. To do so again does no harm. */
export async function ship({ number }: Order): Promise<string> {
  shipped.set(number, (shipped.get(number) ?? 0) + 1)
  return `order ${number} is on its way`
}
