/** The page of a job's history: what never changes of it. What does is set by messages, so that focus and scrolling stay. */
import { escapeHtml } from './plots.ts';

export type ToPage = { kind: 'content'; html: string; selected: string | null };
export type FromPage = { kind: 'ready' } | { kind: 'select'; execution: string } | { kind: 'do'; command: 'log' | 'rerun' | 'stop' };

const style = `
body { padding: 8px 20px 20px; max-width: 860px; color: var(--vscode-foreground); font: var(--vscode-font-size) var(--vscode-font-family); }
h1 { font-size: 1.5em; font-weight: 600; margin: 8px 0 2px; }
h2 { font-size: 1em; font-weight: 600; margin: 22px 0 6px; }
p { margin: 2px 0; color: var(--vscode-descriptionForeground); }
svg { width: 100%; height: auto; display: block; }
.tick { fill: var(--vscode-descriptionForeground); font: 10px var(--vscode-font-family); }
.grid { stroke: var(--vscode-charts-lines, var(--vscode-widget-border)); stroke-opacity: 0.35; }
.limit { stroke: var(--vscode-charts-red); stroke-dasharray: 4 4; stroke-opacity: 0.8; }
.line { fill: none; stroke: var(--vscode-charts-blue); stroke-width: 1.5; stroke-linejoin: round; }
.area { fill: var(--vscode-charts-blue); fill-opacity: 0.15; }
.bar { fill: var(--vscode-charts-foreground); fill-opacity: 0.5; }
.bar.succeeded { fill: var(--vscode-charts-green); fill-opacity: 1; }
.bar.failed { fill: var(--vscode-charts-red); fill-opacity: 1; }
.bar.timed-out { fill: var(--vscode-charts-orange); fill-opacity: 1; }
.bar.running, .bar.starting { fill: var(--vscode-charts-blue); fill-opacity: 1; }
.reach { fill: transparent; }
g[role=button] { cursor: pointer; outline: none; }
g[role=button]:hover .reach { fill: var(--vscode-list-hoverBackground); }
g[role=button][aria-pressed=true] .reach { fill: var(--vscode-list-inactiveSelectionBackground); stroke: var(--vscode-contrastActiveBorder, transparent); }
g[role=button]:focus-visible .reach { stroke: var(--vscode-focusBorder); stroke-width: 1.5; }
.actions { display: flex; gap: 8px; margin: 8px 0; }
button { border: 1px solid var(--vscode-contrastBorder, color-mix(in srgb, var(--vscode-foreground) 35%, transparent)); padding: 4px 12px; border-radius: 2px; font: inherit; cursor: pointer;
  color: var(--vscode-button-secondaryForeground, var(--vscode-foreground)); background: var(--vscode-button-secondaryBackground, transparent); }
body.vscode-high-contrast button:hover, body.vscode-high-contrast-light button:hover { outline: 1px dashed var(--vscode-contrastActiveBorder); }
button:hover { background: var(--vscode-button-secondaryHoverBackground); }
button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
table { border-collapse: collapse; }
td { padding: 2px 16px 2px 0; vertical-align: top; }
td:first-child { color: var(--vscode-descriptionForeground); }
`;

const script = `
const vscode = acquireVsCodeApi();
const content = document.getElementById('content');
const select = (bar) => vscode.postMessage({ kind: 'select', execution: bar.dataset.execution });
addEventListener('message', ({ data }) => {
  const focused = document.activeElement?.dataset?.execution ?? document.activeElement?.dataset?.command;
  content.innerHTML = data.html;
  vscode.setState({ ...JSON.parse(document.body.dataset.state), selected: data.selected });
  if (focused) content.querySelector('[data-execution="' + CSS.escape(focused) + '"], [data-command="' + CSS.escape(focused) + '"]')?.focus();
});
addEventListener('click', ({ target }) => {
  const bar = target.closest('[data-execution]');
  if (bar) select(bar);
  const button = target.closest('[data-command]');
  if (button) vscode.postMessage({ kind: 'do', command: button.dataset.command });
});
addEventListener('keydown', (event) => {
  const bar = event.target.closest?.('[data-execution]');
  if (!bar) return;
  const bars = [...content.querySelectorAll('[data-execution]')];
  const last = bars.length - 1;
  const to = { ArrowLeft: bars.indexOf(bar) - 1, ArrowRight: bars.indexOf(bar) + 1, Home: 0, End: last }[event.key];
  if (to !== undefined) {
    const next = bars[Math.max(0, Math.min(last, to))];
    for (const each of bars) each.setAttribute('tabindex', each === next ? '0' : '-1');
    next.focus();
  }
  else if (event.key === 'Enter' || event.key === ' ') select(bar);
  else return;
  event.preventDefault();
});
vscode.postMessage({ kind: 'ready' });
`;

/** `state` is what a reload of the window gets back. */
export function historyPage(title: string, nonce: string, state: object): string {
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body data-state="${escapeHtml(JSON.stringify(state))}">
<main id="content" aria-live="polite"></main>
<script nonce="${nonce}">${script}</script>
</body>
</html>`;
}
