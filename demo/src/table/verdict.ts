import type { Ended } from '../ending.ts'

const MOST_COMPLAINTS = 10

/** @param kept - what it means that every promise was kept */
export function verdict({ broken, interrupted }: Ended, kept: string): string[] {
  const early = interrupted ? 'Ended early. ' : ''
  if (broken.length === 0) return [`${early}Every promise was kept: ${kept}`]
  const more = broken.length - MOST_COMPLAINTS
  return [
    `${early}A promise broke:`,
    ...broken.slice(0, MOST_COMPLAINTS).map((complaint) => `  ${complaint}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ]
}
