/** Plots of a job's history as SVG, drawn in the colours of the theme by the page's style sheet. */
import type { JobExecution, Usage } from '@bine/shared';
import { bytes, duration } from '../vs/units.ts';
import { describe, stateLooks } from './describe.ts';

const width = 720;
const [left, right, top, bottom] = [56, 8, 10, 24];

export function escapeHtml(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => names[character]!);
}

/** A bar for each execution, oldest first: its height is how long it took, its colour how it ended. Each is a button; one of them is a stop for the Tab key. */
export function outcomesPlot(executions: readonly JobExecution[], selected: string | null, now: number): string {
  const height = 190;
  const took = executions.map(({ started, ended }) =>
    started ? Date.parse(ended ?? new Date(now).toISOString()) - Date.parse(started) : 0,
  );
  const most = niceTop(Math.max(1000, ...took) / 1000) * 1000;
  const [across, up] = [width - left - right, height - top - bottom];
  const step = Math.min(28, across / Math.max(executions.length, 1));
  const bars = executions.map((one, at) => {
    const tall = Math.max(3, (took[at]! / most) * up);
    const x = left + at * step;
    const label = `#${one.number}: ${describe(one, now)}`;
    const number =
      step >= 20 || at % 5 === 0
        ? `<text class="tick" x="${fixed(x + step / 2)}" y="${height - 8}" text-anchor="middle">${one.number}</text>`
        : '';
    const isStop = executions.some(({ id }) => id === selected) ? one.id === selected : at === executions.length - 1;
    return `<g role="button" tabindex="${isStop ? 0 : -1}" data-execution="${escapeHtml(one.id)}" aria-label="${escapeHtml(label)}" aria-pressed="${one.id === selected}">
<title>${escapeHtml(label)}</title><rect class="reach" x="${fixed(x)}" y="${top}" width="${fixed(step)}" height="${up}"/>
<rect class="bar ${one.state}" x="${fixed(x + step * 0.15)}" y="${fixed(top + up - tall)}" width="${fixed(step * 0.7)}" height="${fixed(tall)}" rx="1"/>${number}</g>`;
  });
  return svg(height, 'Executions, by how long they took', [...scale(height, most, tickTime), ...bars]);
}

export type Series = {
  title: string;
  values: readonly { time: number; value: number }[];
  limit: number;
  format: (value: number) => string;
};

export function usageSeries(usage: readonly Usage[], { inputs }: JobExecution): Series[] {
  const at = (pick: (one: Usage) => number) => usage.map((one) => ({ time: Date.parse(one.time), value: pick(one) }));
  const { cores, memory } = inputs.compute;
  return [
    { title: 'CPU', values: at(({ cpu }) => cpu), limit: cores, format: (value) => `${Number(value.toFixed(2))}` },
    { title: 'Memory', values: at(({ memory }) => memory), limit: memory * 2 ** 20, format: bytes },
  ];
}

/** A line over time, with what was allowed as a dashed one. */
export function usagePlot({ title, values, limit, format }: Series): string {
  const height = 130;
  const first = values[0]?.time ?? 0;
  const span = Math.max(1, (values.at(-1)?.time ?? 0) - first);
  const [across, up] = [width - left - right, height - top - bottom];
  const peak = Math.max(0, ...values.map(({ value }) => value));
  const most = Math.max(limit, peak) * 1.05;
  const x = (time: number) => fixed(left + ((time - first) / span) * across);
  const y = (value: number) => fixed(top + up - (value / most) * up);
  const points = values.map(({ time, value }) => `${x(time)},${y(value)}`);
  const area =
    points.length > 0 ? `<polygon class="area" points="${left},${y(0)} ${points.join(' ')} ${x(values.at(-1)!.time)},${y(0)}"/>` : '';
  const told = `${title}: at most ${format(peak)} of ${format(limit)}`;
  return svg(height, told, [
    ...scale(height, most, format),
    `<line class="limit" x1="${left}" x2="${width - right}" y1="${y(limit)}" y2="${y(limit)}"/>`,
    area,
    `<polyline class="line" points="${points.join(' ')}"/>`,
    ...[0, 0.5, 1].map((part) => {
      const anchor = part === 0 ? 'start' : part === 1 ? 'end' : 'middle';
      return `<text class="tick" x="${fixed(left + part * across)}" y="${height - 8}" text-anchor="${anchor}">${duration(part * span)}</text>`;
    }),
  ]);
}

function scale(height: number, most: number, format: (value: number) => string): string[] {
  const up = height - top - bottom;
  return [0, 0.5, 1].map((part) => {
    const y = fixed(top + up - part * up);
    return `<line class="grid" x1="${left}" x2="${width - right}" y1="${y}" y2="${y}"/><text class="tick" x="${left - 6}" y="${y}" dy="0.32em" text-anchor="end">${escapeHtml(format(part * most))}</text>`;
  });
}

function svg(height: number, label: string, parts: readonly string[]): string {
  return `<svg viewBox="0 0 ${width} ${height}" role="group" aria-label="${escapeHtml(label)}">${parts.join('')}</svg>`;
}

const fixed = (value: number) => Number(value.toFixed(1));

/** `0.5s`, `1.5m`: not rounded to whole units as durations are, so that no two ticks read the same. */
function tickTime(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${fixed(seconds)}s`;
  return seconds < 3600 ? `${fixed(seconds / 60)}m` : `${fixed(seconds / 3600)}h`;
}

/** The next round number of seconds above. */
function niceTop(seconds: number): number {
  const round = [1, 2, 4, 10, 20, 40, 60, 120, 240, 600, 1200, 2400, 3600, 7200, 14_400, 36_000, 86_400];
  return round.find((value) => value >= seconds) ?? Math.ceil(seconds / 86_400) * 86_400;
}

/** How the executions ended, in words. */
export function summary(executions: readonly JobExecution[]): string {
  const counts = new Map<string, number>();
  for (const { state } of executions) counts.set(stateLooks[state].word, (counts.get(stateLooks[state].word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
}
