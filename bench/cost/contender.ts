/** Makes so many calls one after the other. */
export type Loop = (calls: number) => Promise<void>

/**
 * One way of calling a service. Each writes its own loops, though they look alike: the compiler learns what a loop calls
 * from its place in the source, so that a loop they shared would be slow for all of them, as no real caller is.
 */
export interface Contender {
  readonly name: string
  /** The configuration, in Markdown. */
  readonly how: string
  /** One call that succeeds at once. */
  readonly call: () => Promise<unknown>
  /** One that rejects with `notFound`, an error that is the caller's own. */
  readonly failing: () => Promise<unknown>
  /** Many of the first kind. */
  readonly idle: Loop
  /** Many of the second kind. */
  readonly bubbling: Loop
  /** Ends what it holds open. */
  readonly close?: () => void | Promise<void>
}
