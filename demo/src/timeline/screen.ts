const ESCAPE = '\x1b'
const HIDE_CURSOR = `${ESCAPE}[?25l`
const SHOW_CURSOR = `${ESCAPE}[?25h`
const ERASE_REST_OF_LINE = `${ESCAPE}[K`
const ERASE_BELOW = `${ESCAPE}[J`

/**
 * A terminal whose last lines are redrawn in place, while others scroll away above them. Each change is one write that
 * overwrites and erases nothing before, so that nothing flickers.
 */
export class Screen {
  readonly #output: NodeJS.WriteStream
  #block: readonly string[] = []
  readonly #restoreCursor = () => void this.#output.write(SHOW_CURSOR)

  constructor(output: NodeJS.WriteStream) {
    this.#output = output
  }

  open(): void {
    process.on('exit', this.#restoreCursor)
    this.#output.write(HIDE_CURSOR)
  }

  /** Adds lines above the block. */
  add(...lines: string[]): void {
    this.#write(lines, this.#block)
  }

  /** Draws the block anew. */
  draw(block: readonly string[]): void {
    this.#write([], block)
  }

  /** Leaves what is there, and the cursor below it. */
  close(): void {
    process.off('exit', this.#restoreCursor)
    this.#output.write(SHOW_CURSOR)
  }

  #write(lines: readonly string[], block: readonly string[]): void {
    const up = this.#block.length > 0 ? `${ESCAPE}[${this.#block.length}A` : ''
    const text = [...lines, ...block].map((line) => `${cut(line, this.#output.columns - 1)}${ERASE_REST_OF_LINE}\n`)
    this.#block = block
    this.#output.write(`${up}\r${text.join('')}${ERASE_BELOW}`)
  }
}

/** Without what is beyond the last column: a line that wrapped would take two rows, and the next redraw would miss. */
function cut(line: string, columns: number): string {
  let left = columns
  const take = (text: string) => {
    const shown = text.slice(0, left)
    left -= shown.length
    return shown
  }
  // Each part but the first begins with the code of a colour, which takes no column.
  const [head = '', ...parts] = line.split(ESCAPE)
  const colored = parts.map((part) => {
    const end = part.indexOf('m') + 1
    return ESCAPE + part.slice(0, end) + take(part.slice(end))
  })
  return take(head) + colored.join('')
}
