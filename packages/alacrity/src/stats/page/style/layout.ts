export const layout: string = `
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--ground); color: var(--text); font: 13px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
header { position: sticky; top: 0; z-index: 3; background: var(--card); border-bottom: 1px solid var(--line); }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 16px; padding: 10px 20px; }
h1 { display: flex; align-items: baseline; gap: 8px; margin: 0; font-size: 17px; font-weight: 650; letter-spacing: -0.01em; min-width: 0; }
h1 small { font-size: 12px; font-weight: 400; color: var(--soft); overflow-wrap: anywhere; }
.mark { width: 10px; height: 10px; align-self: center; border-radius: 3px; background: var(--accent); }
.pulse { display: flex; align-items: center; gap: 6px; margin: 0; color: var(--soft); font-size: 12px; }
.dot { width: 8px; height: 8px; border-radius: 50%; background: var(--none); }
.pulse[data-state="live"] .dot { background: var(--good); }
.pulse[data-state="stale"] .dot, .pulse[data-state="stopping"] .dot { background: var(--bad); border-radius: 0; }
.pulse[data-state="stale"], .pulse[data-state="stopping"] { color: var(--bad); }
.pulse[data-state="paused"] .dot { background: var(--warn); border-radius: 2px; }
.tools { display: flex; flex-wrap: wrap; gap: 8px; margin-left: auto; }
input[type="search"], button, .button { font: inherit; color: var(--text); background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 4px 10px; min-height: 30px; }
input[type="search"] { width: 220px; max-width: 100%; }
input::placeholder { color: var(--soft); opacity: 1; }
button, .button { cursor: pointer; text-decoration: none; display: inline-flex; align-items: center; }
button:hover:not(:disabled), .button:hover { border-color: var(--accent); color: var(--accent); }
button:disabled { color: var(--soft); cursor: default; border-style: dashed; }
button[aria-pressed="true"] { border-color: var(--warn); color: var(--warn); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
main { padding: 14px 20px 40px; }
.summary { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 10px; margin: 0 0 14px; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 8px 12px; min-width: 0; }
.tile dt { color: var(--soft); font-size: 12px; }
.tile dd { margin: 0; }
.tile { position: relative; }
.tile .value { display: block; font-size: 18px; font-weight: 600; letter-spacing: -0.01em; white-space: nowrap; }
.tile .small { display: block; color: var(--soft); font-size: 12px; }
.tile .spark { position: absolute; right: 10px; top: 10px; width: 40%; max-width: 96px; height: 24px; }
.tile.flat .spark { display: none; }
.notice { margin: 0 0 14px; padding: 8px 12px; border: 1px solid var(--line); border-left: 3px solid var(--warn); border-radius: 6px; background: var(--card); }
.hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999px; top: 0; z-index: 9; background: var(--card); color: var(--accent); padding: 8px 12px; }
.skip:focus { left: 8px; top: 8px; }
#proxies:focus { outline: none; }
@media (max-width: 640px) {
header { position: static; }
.bar, main { padding-left: 12px; padding-right: 12px; }
.tools { margin-left: 0; width: 100%; }
.filter { flex: 1 0 100%; }
input[type="search"] { width: 100%; }
input[type="search"], button, .button { min-height: 38px; }
.summary { grid-template-columns: 1fr 1fr; }
}
@media (prefers-reduced-motion: no-preference) {
button, .button { transition: color 120ms, border-color 120ms; }
}
`
