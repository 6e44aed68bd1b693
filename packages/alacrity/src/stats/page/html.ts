import { createHash } from 'node:crypto'
import { script } from './script.ts'
import { style } from './style.ts'

/** The whole page. It holds no value: all are fetched by its script and set as text, never as markup. */
export const pageHtml: string = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>alacrity: statistics</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<a class="skip" href="#proxies">Skip to the statistics</a>
<header>
<div class="bar">
<h1><span class="mark" aria-hidden="true"></span><span id="name">alacrity</span> <small id="about"></small></h1>
<p id="pulse" class="pulse"><span class="dot" aria-hidden="true"></span><span id="pulse-text">loading</span></p>
<div class="tools">
<label class="filter"><span class="hidden">Filter by name or status</span>
<input id="filter" type="search" placeholder="Filter: name or status" autocomplete="off" spellcheck="false"></label>
<button id="pause" type="button" aria-pressed="false">Pause</button>
<button id="theme" type="button">Theme: system</button>
<a id="csv" class="button" href="#">CSV</a>
</div>
</div>
</header>
<main>
<dl id="summary" class="summary"></dl>
<noscript><p class="notice">The page is live by a script. Without one, add <code>;csv</code> to its address.</p></noscript>
<p id="notice" class="notice" role="alert" hidden></p>
<p id="said" class="hidden" role="status"></p>
<div id="proxies" tabindex="-1"></div>
<p id="nothing" class="notice" hidden>Nothing matches the filter.</p>
</main>
<script type="module">${script}</script>
</body>
</html>
`

/** Nothing but what is in the page itself may run, and nobody may frame it. */
export const pageHeaders: Record<string, string> = {
  'content-security-policy': [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
