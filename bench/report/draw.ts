import type { Unit } from './figure.ts'
import type { Line, Panel, Plot, Point } from './plot.ts'
import { type Scale, scaleOf } from './scale.ts'

// All in pixels. Names stand on the left, values on the right, the scale between them.
const WIDTH = 820
const CHARACTER = 7
const RIGHT = 640
const VALUES = 656
const LINE = 26
const HALF_APART = 5
const PANEL_HEAD = 40
const PANEL_FOOT = 34
const TOP = 62

// Who looks at it may have a dark page: nothing has a background, and every colour is chosen for both.
const style = `
  text { font: 13px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328 }
  .title { font-size: 17px; font-weight: 600 } .panel { font-weight: 600 } .small { font-size: 12px; fill: #59636e }
  .grid { stroke: #d1d9e0 } .goal { stroke: #59636e; stroke-dasharray: 4 3 }
  .ours { stroke: #0969da; fill: #0969da } .theirs { stroke: #9a6700; fill: #9a6700 } .later { stroke: #8250df; fill: #8250df }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .small { fill: #9198a1 } .grid { stroke: #30363d } .goal { stroke: #9198a1 }
    .ours { stroke: #58a6ff; fill: #58a6ff } .theirs { stroke: #d29922; fill: #d29922 } .later { stroke: #bc8cff; fill: #bc8cff }
  }
`

/** A dot for each median, on a line from the least to the most. */
export function drawPlot({ title, legend, panels }: Plot): string {
  const longest = Math.max(...panels.flatMap(({ lines }) => lines.map(({ label }) => label.length)))
  const left = (longest + 2) * CHARACTER
  let y = TOP
  const drawn = panels.map((panel) => {
    const top = y
    y += heightOf(panel)
    return drawPanel(panel, top, left)
  })
  const keys = legend.map(({ tone, text }, at) => dot(8 + at * 330, 44, tone) + words(20 + at * 330, 48, text, 'small'))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img">
<title>${escaped(title)}</title>
<style>${style}</style>
${[words(2, 22, title, 'title'), ...keys, ...drawn].join('\n')}
</svg>
`
}

function heightOf({ lines }: Panel): number {
  return PANEL_HEAD + lines.length * LINE + PANEL_FOOT
}

function drawPanel({ title, unit, goal, lines }: Panel, top: number, left: number): string {
  const figures = lines.flatMap(({ points }) => points.map(({ figure }) => figure))
  const scale = scaleOf([...figures.flatMap(({ min, max }) => [min, max]), ...(goal ? [goal] : [])], left, RIGHT)
  const first = top + PANEL_HEAD
  const bottom = first + lines.length * LINE
  return [
    words(2, top + 22, title, 'panel'),
    ...scale.ticks.map((tick) => mark(scale.x(tick), first, bottom, unit.mark(tick))),
    ...(goal ? [vertical(scale.x(goal), first, bottom, 'goal')] : []),
    ...lines.map((line, at) => drawLine(line, unit, scale, first + at * LINE + LINE / 2)),
  ].join('\n')
}

function drawLine({ label, points }: Line, unit: Unit, { x }: Scale, middle: number): string {
  const medians = points.map(({ figure }) => unit.full(figure.median)).join(' · ')
  const drawPoint = ({ figure: { min, median, max }, tone }: Point, index: number) => {
    const y = middle + (2 * index - points.length + 1) * HALF_APART
    return `<path class="${tone}" fill="none" d="M${at(x(min))} ${y - 3}v6m0-3H${at(x(max))}m0-3v6"/>${dot(x(median), y, tone)}`
  }
  return [words(2, middle + 4, label), ...points.map(drawPoint), words(VALUES, middle + 4, medians)].join('')
}

function mark(x: number, top: number, bottom: number, text: string): string {
  const label = `<text class="small" text-anchor="middle" x="${at(x)}" y="${bottom + 16}">${escaped(text)}</text>`
  return vertical(x, top, bottom, 'grid') + label
}

const at = (pixels: number) => pixels.toFixed(1)
const dot = (x: number, y: number, tone: string) => `<circle class="${tone}" cx="${at(x)}" cy="${y}" r="4"/>`
const vertical = (x: number, top: number, bottom: number, kind: string) =>
  `<path class="${kind}" d="M${at(x)} ${top}V${bottom}"/>`
const words = (x: number, y: number, text: string, kind = 'name') =>
  `<text class="${kind}" x="${x}" y="${y}">${escaped(text)}</text>`
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
