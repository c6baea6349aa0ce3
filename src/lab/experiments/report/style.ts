// style.ts: the look of a report: the page's tokens (src/app/app.css) on paper

export const STYLE = `
:root {
  color-scheme: light dark;
  --bg: #fbfbfa; --panel: #fff; --ink: #1b1d21; --soft: #5b6069; --hair: #e4e4e0; --well: #f3f3f0; --ref: #8a8f98;
  --policy: #2f5fd0; --harm: #c8431a; --harm-soft: #fbe3da; --gain: #0b7c5f; --gain-soft: #d8efe7;
  --budget: #7d4fc6; --budget-soft: #ebe2f8; --band: #e9ebf0;
  font: 15px/1.55 system-ui, -apple-system, 'Segoe UI', sans-serif;
  font-variant-numeric: tabular-nums;
  color: var(--ink); background: var(--bg);
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #121316; --panel: #191b1f; --ink: #eceef1; --soft: #a0a6b0; --hair: #2b2e34; --well: #202328; --ref: #8a909a;
    --policy: #7fa2ff; --harm: #ff8a5f; --harm-soft: #4a2416; --gain: #4cc9a4; --gain-soft: #14382d;
    --budget: #b795f2; --budget-soft: #33264c; --band: #262a31;
  }
}
*, *::before, *::after { box-sizing: border-box; }
body { margin: 0; }
header, main, footer { max-width: 1040px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 40px; }
h1 { font-size: 26px; line-height: 1.2; letter-spacing: -.015em; margin: 2px 0 6px; text-wrap: balance; }
h2 { font-size: 19px; line-height: 1.3; letter-spacing: -.01em; margin: 48px 0 12px; padding-top: 14px; border-top: 1px solid var(--hair); }
h3 { font-size: 15px; margin: 0 0 6px; }
p { margin: 0 0 12px; max-width: 76ch; }
a { color: var(--policy); text-underline-offset: 2px; }
.over { color: var(--soft); font-size: 13px; margin: 0; }
.lead { font-size: 17px; color: var(--soft); }
.verdict { background: var(--panel); border: 1px solid var(--hair); border-left: 5px solid var(--ref); border-radius: 10px; padding: 16px 20px; margin: 20px 0; }
.verdict p { margin: 0; }
.verdict p + p { margin-top: 8px; color: var(--soft); }
.verdict .sentence { font-size: 18px; line-height: 1.4; font-weight: 550; }
.verdict.fine { border-left-color: var(--gain); }
.verdict.alarm { border-left-color: var(--harm); }
.badge { display: inline-block; font-size: 12px; font-weight: 600; padding: 1px 8px; border-radius: 99px; background: var(--well); color: var(--ink); margin-bottom: 6px; }
.fine > .badge { background: var(--gain-soft); }
.alarm > .badge { background: var(--harm-soft); }
.say { border-left: 3px solid var(--ref); padding: 2px 0 2px 12px; }
.say.fine { border-color: var(--gain); }
.say.alarm { border-color: var(--harm); }
.say.note { color: var(--soft); font-size: 14px; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 3px 16px; margin: 0 0 20px; font-size: 14px; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
nav ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 14px; }
.block { margin: 0 0 28px; }
.scroll { overflow-x: auto; border: 1px solid var(--hair); border-radius: 8px; background: var(--panel); }
table { border-collapse: collapse; font-size: 13px; line-height: 1.4; min-width: 100%; }
th, td { text-align: left; padding: 6px 10px; border-bottom: 1px solid var(--hair); vertical-align: baseline; }
thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; background: var(--well); }
tbody th { font-weight: 550; min-width: 170px; }
tbody th:first-child { position: sticky; left: 0; background: var(--panel); }
tbody .stated > th:first-child { background: var(--budget-soft); }
th .interval { font-weight: 400; }
p + .block { margin-top: 24px; }
tbody tr:last-child > * { border-bottom: 0; }
.number { text-align: right; white-space: nowrap; }
td .interval, th .interval { display: block; color: var(--soft); font-size: 12px; }
tr.alarm > th { box-shadow: inset 4px 0 var(--harm); }
tr.fine > th { box-shadow: inset 4px 0 var(--gain); }
.stated { background: var(--budget-soft); }
.stated-tag { font-size: 11px; font-weight: 600; color: var(--ink); border: 1px solid var(--budget); border-radius: 4px; padding: 0 4px; white-space: nowrap; }
.runs { color: var(--soft); font-size: 12px; white-space: nowrap; }
.notes { margin: 8px 0 0; padding: 0; list-style: none; color: var(--soft); font-size: 13px; max-width: 92ch; }
.notes li + li { margin-top: 3px; }
abbr { text-decoration: underline dotted var(--ref); text-underline-offset: 3px; cursor: help; }
figure { margin: 0; }
figcaption { color: var(--soft); font-size: 13px; max-width: 92ch; margin-top: 8px; }
.paper { background: var(--panel); border: 1px solid var(--hair); border-radius: 8px; padding: 16px 18px; }
svg { display: block; width: 100%; height: auto; overflow: visible; font-size: 12px; }
svg text { fill: var(--soft); }
svg .strong { fill: var(--ink); }
svg .group { fill: var(--ink); font-weight: 600; }
svg .grid { stroke: var(--hair); }
svg .axis { stroke: var(--ref); }
svg .break line { stroke: var(--ink); stroke-width: 1.5; }
svg .band { fill: var(--band); }
svg .reference { stroke: var(--ref); stroke-dasharray: 4 4; }
svg .halo { paint-order: stroke; stroke: var(--panel); stroke-width: 4px; stroke-linejoin: round; }
svg .line { fill: none; stroke-width: 2; }
svg .interval { opacity: .16; }
svg .faint { opacity: .55; }
svg .bar { fill: var(--policy); }
svg .soft { fill: var(--soft); }
.narrow, .legend.narrow-only { display: none; }
.legend { list-style: none; margin: 8px 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 13px; }
.legend li { display: flex; gap: 6px; align-items: center; }
.legend svg { width: 26px; flex: none; }
details { margin: 8px 0 0; }
summary { cursor: pointer; color: var(--soft); font-size: 13px; padding: 2px 0; }
summary:hover { color: var(--ink); }
:focus-visible { outline: 2px solid var(--policy); outline-offset: 2px; }
.samples { display: grid; grid-template-columns: minmax(0, 1fr); gap: 10px; }
.sample { border: 1px solid var(--hair); border-radius: 8px; background: var(--panel); padding: 10px 14px; margin: 0; }
.answers { margin: 8px 0 0; display: grid; grid-template-columns: minmax(110px, 190px) 1fr; gap: 6px 14px; font-size: 14px; }
.answers dt { font-weight: 550; font-size: 13px; overflow-wrap: anywhere; }
.answers dd { margin: 0; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
.remark { color: var(--soft); font-size: 12px; display: block; font-weight: 400; }
pre { margin: 0; padding: 12px; font-size: 12px; line-height: 1.45; max-height: 480px; overflow: auto; background: var(--well); border-radius: 8px; }
code { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; font-size: .92em; overflow-wrap: anywhere; }
footer { color: var(--soft); font-size: 13px; padding-top: 24px; padding-bottom: 48px; }
@media (max-width: 620px) {
  header, main, footer { padding-left: 14px; padding-right: 14px; }
  header { padding-top: 20px; }
  h1 { font-size: 22px; }
  .wide { display: none; }
  .narrow { display: block; }
  .legend.narrow-only { display: flex; }
  .paper { padding: 12px; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: 6px; }
  .answers { grid-template-columns: 1fr; gap: 2px; }
  .answers dd { margin-bottom: 8px; }
  th, td { padding: 6px 9px; }
  tbody th { min-width: 120px; }
}
@media print {
  :root {
    --bg: #fff; --panel: #fff; --ink: #000; --soft: #444; --hair: #ccc; --well: #f4f4f4; --ref: #777;
    --policy: #2f5fd0; --harm: #c8431a; --harm-soft: #fbe3da; --gain: #0b7c5f; --gain-soft: #d8efe7;
    --budget: #7d4fc6; --budget-soft: #ebe2f8; --band: #e9ebf0;
    color-scheme: light; font-size: 10pt; print-color-adjust: exact;
  }
  header, main, footer { max-width: none; padding: 0; }
  .scroll { overflow: visible; border: 0; }
  table { font-size: 7.5pt; }
  th, td { padding: 3px 5px; }
  tr, figure, .verdict, .sample { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  nav { display: none; }
}
`
