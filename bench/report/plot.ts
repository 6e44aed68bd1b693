import type { Figure, Unit } from './figure.ts'

/** Whose figure it is, or which of two: its colour. */
type Tone = 'ours' | 'theirs' | 'later'

export interface Point {
  readonly figure: Figure
  readonly tone: Tone
}

/** One line of a panel: its name, and on a logarithmic scale what was measured. */
export interface Line {
  readonly label: string
  readonly points: readonly Point[]
}

export interface Panel {
  readonly title: string
  readonly unit: Unit
  readonly goal?: number
  readonly lines: readonly Line[]
}

export interface Plot {
  readonly title: string
  readonly legend: readonly { readonly tone: Tone; readonly text: string }[]
  readonly panels: readonly Panel[]
}
