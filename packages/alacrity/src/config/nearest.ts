/** `; did you mean 'balance'?`, if there is such a word; else nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const nearest = nearestWord(word, known)
  return nearest === undefined ? '' : `; did you mean '${nearest}'?`
}

/** The known word with the fewest letters to change: a third of them at most (and not all of a short one's). */
function nearestWord(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let fewest = Math.min(Math.floor(Math.max(word.length, 3) / 3) + 1, word.length)
  if (word.length > 64) return undefined
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= fewest) continue
    const changes = distance(word, candidate)
    if (changes < fewest) [best, fewest] = [candidate, changes]
  }
  return best
}

/** Letters to insert, delete, replace or swap with their neighbour. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const here = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = above[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1)
      here[column] = Math.min(replaced, above[column]! + 1, here[column - 1]! + 1)
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) here[column] = Math.min(here[column]!, before[column - 2]! + 1)
    }
    before = above
    above = here
  }
  return above[b.length]!
}
