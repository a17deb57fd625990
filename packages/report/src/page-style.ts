import { darkRules } from './recolor.js';

/** Style of a report page. In the dark each colour of a plot is exchanged, so that one SVG serves both. */
export const pageStyle = `
:root { color-scheme: light dark; --page: #f5f7f9; --card: #ffffff; --text: #1f2933; --soft: #52606d; --line: #e1e6eb; }
@media (prefers-color-scheme: dark) {
  :root { --page: #141517; --card: #1f1f1f; --text: #e4e7eb; --soft: #a5b0bb; --line: #34383d; }
  ${darkRules('figure svg')}
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); line-height: 1.55;
  font: 16px/1.55 system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif; }
main { max-width: 820px; margin: 0 auto; padding: 40px 20px 64px; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 24px; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 0 0 12px; overflow-wrap: anywhere; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 22px 24px; margin: 0 0 20px; }
section > :last-child { margin-bottom: 0; }
p { margin: 0 0 12px; color: var(--soft); white-space: pre-line; overflow-wrap: anywhere; }
figure { margin: -12px -14px 8px; }
.narrow { display: none; }
@media screen and (max-width: 600px) { .broad { display: none; } .narrow { display: block; } section { padding: 16px 14px; } }
figure svg { display: block; width: 100%; height: auto; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 7px 14px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
th { color: var(--soft); font-weight: 600; }
tbody tr:last-child td { border-bottom: 0; }
th button { all: unset; cursor: pointer; }
th button:focus-visible { outline: 2px solid currentColor; outline-offset: 3px; }
th[aria-sort=ascending] button::after { content: ' ▲'; }
th[aria-sort=descending] button::after { content: ' ▼'; }
.thumbnails { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 12px; }
.thumbnails figure { margin: 0; }
.thumbnails img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; background: var(--page); }
figcaption { font-size: 0.8rem; color: var(--soft); white-space: pre-line; overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; }
@media print { body { background: none; } section { break-inside: avoid; } }
`;
