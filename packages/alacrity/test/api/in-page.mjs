// Runs inside the page, so each stands alone: a browser's names, and nothing from around it.

/** Texts whose contrast to what is behind them is below 4.5. */
export function lowContrast() {
  const parse = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number)
  const part = (value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4)
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
  const behind = (node) => {
    if (!node) return [255, 255, 255]
    const own = parse(getComputedStyle(node).backgroundColor)
    return own.length === 3 ? own : behind(node.parentElement)
  }
  const hasText = (node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim())
  const texts = [...document.body.querySelectorAll('*')].filter(
    (node) => node.checkVisibility() && !node.closest('script, style, .hidden, svg') && hasText(node),
  )
  if (texts.length < 100) return [`only ${texts.length} texts`]
  return texts.flatMap((node) => {
    const [front, back] = [light(parse(getComputedStyle(node).color)), light(behind(node))]
    const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05)
    return ratio >= 4.5 ? [] : [`${node.tagName}.${node.className} "${node.textContent}" ${ratio.toFixed(2)}`]
  })
}

/** The text of a cell, by the name of its row and the number of its column. */
export function cellText(name, column) {
  const lines = [...document.querySelectorAll('tr')]
  return lines.find((line) => line.querySelector('th.name')?.textContent === name).children[column].textContent
}

/** Is nothing wider than the window? */
export function fitsWindow() {
  return document.documentElement.scrollWidth <= innerWidth
}

export function scrollsInside(box) {
  return box.scrollWidth > box.clientWidth && getComputedStyle(box).overflowX === 'auto'
}

/** Marks every node, and gives the names of the rows. */
export function mark(body) {
  for (const node of body.querySelectorAll('*')) node.kept = true
  return [...body.querySelectorAll('th.name')].map((head) => head.textContent)
}

/** What was not there when it was marked. */
export function fresh(body) {
  return [...body.querySelectorAll('*')].filter((node) => !node.kept).map((node) => node.outerHTML)
}

/** As it is seen, in words. */
export function seen(node) {
  // biome-ignore lint/performance/useDomNodeTextContent: what is hidden does not count
  return node.innerText.trim().replace(/\s+/g, ' ')
}

export function allSeen(nodes) {
  // biome-ignore lint/performance/useDomNodeTextContent: what is hidden does not count
  return nodes.filter((node) => node.checkVisibility()).map((node) => node.innerText.trim().replace(/\s+/g, ' '))
}

/** What the keyboard is on, if that can be seen. */
export function focused() {
  const node = document.activeElement
  const { outlineStyle, outlineWidth } = getComputedStyle(node)
  if (outlineStyle === 'none' || outlineWidth === '0px') return `unseen: ${node.outerHTML.slice(0, 80)}`
  return node.ariaLabel || node.id || node.textContent
}

export function ground() {
  return getComputedStyle(document.body).backgroundColor
}
