/** How a show has ended, for each kind of show. */
export interface Ended {
  /** The viewer ended it early. */
  readonly interrupted: boolean
  /** The promises that broke, one line each. */
  readonly broken: readonly string[]
}

/** What there is to say in the end. */
export interface Ending<Summary extends Ended = Ended> {
  /** What `--json` prints. */
  readonly summary: Summary
  /** The same for people. */
  readonly text: string
}

/** 1 if a promise broke, whatever else. */
export function exitCodeOf({ broken, interrupted }: Ended): number {
  if (broken.length > 0) return 1
  return interrupted ? 130 : 0
}
