/** The comeback: windows close, gateways die, and the notebook shows everything once. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { notebook, readFile, writeFile } from '../vscode/sample.ts';
import { createStage, kernels, ready, savedText, ticks, upTo, type Stage } from './stage.ts';

const project = 'comeback';
const cells = 10;
const perCell = 20;
/** 200 ticks in about 16 seconds, in ten cells. */
const ticking = Array.from(
  { length: cells },
  (_, cell) =>
    `import time\nfor i in range(${cell * perCell}, ${(cell + 1) * perCell}):\n    print("tick", i, end=". ", flush=True)\n    time.sleep(0.08)`,
);
/** Tall enough for all outputs to be drawn at once. */
const tall = { width: 1360, height: 2400 };

/** Those of each cell as they stand there. VS Code draws the cells in an order of its own, which says nothing of where they stand. */
function drawnTicks(outputs: string[]): number[] {
  const ofCells = outputs.map(ticks).filter((numbers) => numbers.length > 0);
  return ofCells.sort(([a], [b]) => a! - b!).flat();
}

describe('a window that comes back', () => {
  let stage: Stage;
  before(async () => {
    stage = await createStage();
    await stage.gateway.api.projects.create({ name: project });
    await writeFile(stage.gateway, project, 'ticks.ipynb', notebook(...ticking));
    await writeFile(stage.gateway, project, 'loop.ipynb', notebook(...ticking.slice(0, 3)));
    await ready(stage.gateway, project, 'python-inference');
  });
  after(() => stage[Symbol.asyncDispose]());

  it('shows each of 200 ticks once, though it was closed during Run All and the gateway was killed for 3 s', async () => {
    {
      await using window = await stage.workbench.open({ folder: `bine:/${project}` });
      await (await window.explorer()).open('ticks.ipynb');
      await window.notebook.selectKernel(kernels.inference);
      await window.notebook.runAll();
      await window.notebook.output('tick 25.').waitFor();
      await window.screenshot('comeback-before');
    }
    await stage.gateway.kill();
    // The time that the gateway is away is what is tested here.
    await delay(3_000);
    await stage.gateway.start();

    await using window = await stage.workbench.open({ folder: `bine:/${project}`, size: tall });
    await (await window.explorer()).open('ticks.ipynb');
    await window.notebook.output(`tick ${cells * perCell - 1}.`).waitFor();
    for (let cell = 0; cell < cells; cell++) await window.notebook.waitForState(cell, 'success');
    const drawn = await window.notebook.outputs.locator('.output').allInnerTexts();
    assert.deepEqual(drawnTicks(drawn), upTo(cells * perCell));

    await window.save();
    const saved = savedText(await readFile(stage.gateway, project, 'ticks.ipynb'));
    assert.deepEqual(ticks(saved.join('')), upTo(cells * perCell));
    await window.page.setViewportSize({ width: 1360, height: 860 });
    await window.screenshot('comeback-after');
  });

  it('reconnects by itself when the gateway restarts, says so in the status bar, and goes on with the cell', async () => {
    await using window = await stage.workbench.open({ folder: `bine:/${project}`, size: tall });
    await (await window.explorer()).open('loop.ipynb');
    await window.notebook.selectKernel(kernels.inference);
    await window.notebook.runAll();
    await window.notebook.output('tick 5.').waitFor();
    await stage.gateway.kill();
    await window.status(/reconnecting/i).waitFor();
    await window.page.setViewportSize({ width: 1360, height: 860 });
    await window.screenshot('reconnecting');
    await window.page.setViewportSize(tall);
    await stage.gateway.start();
    await window.status(/reconnecting/i).waitFor({ state: 'detached' });
    await window.notebook.output(`tick ${3 * perCell - 1}.`).waitFor();
    for (const cell of [0, 1, 2]) await window.notebook.waitForState(cell, 'success');
    const drawn = await window.notebook.outputs.locator('.output').allInnerTexts();
    assert.deepEqual(drawnTicks(drawn), upTo(3 * perCell));
    assert.equal(await window.notification(/.*/).count(), 0, 'nothing pops up');
  });
});
