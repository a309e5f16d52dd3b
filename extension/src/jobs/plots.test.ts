import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { execution } from './execution.fixture.ts';
import { historyPage } from './history-page.ts';
import { outcomesPlot, summary, usagePlot, usageSeries } from './plots.ts';

const now = Date.parse('2026-01-01T12:03:00.000Z');
const failed = { ...execution, id: 'e0', number: 2, state: 'failed' as const, ended: '2026-01-01T12:01:00.000Z', cause: '<b>"bad"</b>' };

describe('the plot of outcomes', () => {
  const svg = outcomesPlot([failed, execution], 'e1', now);
  it('has a bar for each execution, that the keyboard reaches and a screen reader reads', () => {
    assert.equal(svg.match(/role="button" tabindex="/g)?.length, 2);
    // One stop for the Tab key; from there arrows lead on.
    assert.deepEqual(svg.match(/tabindex="0" data-execution="\w+"/g), ['tabindex="0" data-execution="e1"']);
    assert.match(svg, /data-execution="e0" aria-label="#2: failed 2m ago · [^"]* · 1m" aria-pressed="false"/);
    assert.match(svg, /data-execution="e1" [^>]*aria-pressed="true"/);
  });

  it('draws twice the time twice as high', () => {
    const heights = [...svg.matchAll(/class="bar \w+"[^>]* height="([\d.]+)"/g)].map(([, height]) => Number(height));
    assert.ok(Math.abs(heights[1]! / heights[0]! - 3) < 0.05, heights.join());
  });

  it('has a scale on which each tick reads differently, also of short executions', () => {
    const short = outcomesPlot([{ ...execution, ended: execution.started! }], null, now);
    const ticks = [...short.matchAll(/text-anchor="end">([^<]+)</g)].map(([, text]) => text);
    assert.deepEqual(ticks, ['0s', '0.5s', '1s']);
  });

  it('takes no markup from what others wrote', () => assert.doesNotMatch(svg, /<b>/));
});

describe('the plot of what an execution used', () => {
  const usage = [0, 1, 2].map((second) => ({ time: `2026-01-01T12:00:0${second}.000Z`, cpu: second / 2, memory: 2 ** 30 }));
  const [cpu, memory] = usageSeries(usage, execution).map(usagePlot);
  it('says how much it was, and of how much', () => {
    assert.match(cpu!, /aria-label="CPU: at most 1 of 1"/);
    assert.match(memory!, /aria-label="Memory: at most 1 GiB of 2 GiB"/);
  });
  it('has a point for each measurement', () =>
    assert.equal(/<polyline class="line" points="([^"]+)"/.exec(cpu!)![1]!.split(' ').length, 3));
});

describe('the page of a history', () => {
  it('runs its own script and style, and nothing else', () => {
    const page = historyPage('train', 'n0nce', { project: 'churn', name: 'train' });
    assert.match(page, /default-src 'none'; style-src 'nonce-n0nce'; script-src 'nonce-n0nce'"/);
    assert.equal(page.match(/<(script|style)(?! nonce="n0nce")/g), null);
    assert.doesNotMatch(page, /#[0-9a-f]{3,6}\b|rgb\(/i, 'colours are those of the theme');
  });

  it('counts how executions ended', () => assert.equal(summary([failed, failed, execution]), '2 failed, 1 running'));
});
