const codes = { plain: undefined, bold: 1, dim: 2, red: 31, green: 32, yellow: 33 }

type Color = keyof typeof codes
export type Paint = (color: Color, text: string) => string

/** Colours, unless the viewer wants none (https://no-color.org). */
export function paintFor({ NO_COLOR }: NodeJS.ProcessEnv): Paint {
  return (color, text) => (codes[color] === undefined || NO_COLOR ? text : `\x1b[${codes[color]}m${text}\x1b[0m`)
}
