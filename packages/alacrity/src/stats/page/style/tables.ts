export const tables: string = `
.proxy { background: var(--card); border: 1px solid var(--line); border-radius: 8px; margin-bottom: 14px; overflow: clip; }
.title { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 10px; padding: 8px 12px; }
h2 { margin: 0; font-size: 15px; font-weight: 650; overflow-wrap: anywhere; }
.kind { color: var(--soft); border: 1px solid var(--line); border-radius: 10px; padding: 0 8px; font-size: 12px; }
.about { margin: 0; color: var(--soft); overflow-wrap: anywhere; min-width: 0; }
.orders { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; margin-left: auto; }
.chosen, .result { color: var(--soft); font-size: 12px; }
.scroll { overflow-x: auto; border-top: 1px solid var(--line); position: relative; }
.scroll:focus-visible { outline-offset: -2px; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: 12px; }
th, td { padding: 3px 7px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
tbody tr:last-child > * { border-bottom: 0; }
thead th { background: var(--head); color: var(--soft); font-weight: 500; padding-top: 4px; padding-bottom: 4px; vertical-align: bottom; }
thead .groups th { color: var(--text); font-weight: 600; }
thead .groups th[scope="colgroup"] { text-align: center; border-bottom: 0; padding-bottom: 0; }
td.nil { color: var(--soft); }
.first { border-left: 1px solid var(--line); }
th.name, td.left, th.left { text-align: left; }
th.name { position: sticky; left: 0; z-index: 1; background: var(--card); min-width: 92px; max-width: 220px; overflow: hidden; text-overflow: ellipsis; border-right: 1px solid var(--line); }
thead th.name { background: var(--head); }
tbody th.name { font-weight: 600; }
.select { text-align: center; width: 1%; }
.select input { width: 16px; height: 16px; margin: 0; vertical-align: middle; accent-color: var(--accent); }
tr.front > *, tr.back > * { background: var(--head); }
tr.front > th.name, tr.back > th.name { font-weight: 500; color: var(--soft); }
tbody tr.server:hover > * { background: var(--head); }
.status { min-width: 118px; }
.shape { display: inline-block; width: 15px; }
.word { font-weight: 600; }
.since { color: var(--soft); margin-left: 6px; }
.status[data-kind="good"] .shape, .status[data-kind="good"] .word { color: var(--good); }
.status[data-kind="warn"] .shape, .status[data-kind="warn"] .word { color: var(--warn); }
.status[data-kind="bad"] .shape, .status[data-kind="bad"] .word { color: var(--bad); }
.status[data-kind="drain"] .shape, .status[data-kind="drain"] .word { color: var(--drain); }
.status[data-kind="maint"] .shape, .status[data-kind="maint"] .word { color: var(--maint); }
.status[data-kind="none"] .shape, .status[data-kind="none"] .word { color: var(--none); }
tr.server .status[data-kind="bad"] { background: var(--tint-bad); }
tr.server .status[data-kind="warn"] { background: var(--tint-warn); }
tr.server .status[data-kind="maint"] { background: var(--tint-maint); }
.graphs { position: relative; display: block; width: 96px; height: 20px; }
.graphs .spark { position: absolute; inset: 0; width: 96px; height: 20px; }
.spark polyline { fill: none; stroke: var(--spark); stroke-width: 1.5; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.spark polygon { fill: var(--spark-area); stroke: none; }
.spark.rate polygon, .spark.sessions polyline { display: none; }
`
