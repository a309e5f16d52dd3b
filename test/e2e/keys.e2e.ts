/** A notebook by the keyboard alone, with the keys that Jupyter has. */
import { after, before, describe, it } from 'node:test';
import type { Locator } from 'playwright-core';
import { notebook, writeFile } from '../vscode/sample.ts';
import type { Window } from '../vscode/window.ts';
import { createStage, kernels, ready, type Stage } from './stage.ts';

describe('the keys of a notebook', () => {
  let stage: Stage;
  let window: Window;
  let cells: Locator;
  before(async () => {
    stage = await createStage();
    await stage.gateway.api.projects.create({ name: 'keys' });
    await writeFile(stage.gateway, 'keys', 'keys.ipynb', notebook('print("ran", 6 * 7)'));
    await ready(stage.gateway, 'keys', 'python-inference');
    window = await stage.workbench.open({ folder: 'bine:/keys' });
    await (await window.explorer()).open('keys.ipynb');
    await window.notebook.selectKernel(kernels.inference);
    cells = window.page.locator('.notebookOverlay:visible .cell-list-container > .monaco-list .monaco-list-row');
  });
  after(() => stage[Symbol.asyncDispose]());

  /** Where a cell is edited; other keys are for the notebook. */
  const type = (...keys: string[]) => keys.reduce((before, key) => before.then(() => window.page.keyboard.press(key)), Promise.resolve());
  const press = (...keys: string[]) => window.notebook.press(...keys);
  const count = (expected: number) =>
    cells
      .nth(expected - 1)
      // An empty Markdown cell has no height.
      .waitFor({ state: 'attached' })
      .then(() => cells.nth(expected).waitFor({ state: 'detached' }));

  it('run a cell while it is edited, and leave its text alone', async () => {
    await window.notebook.edit(0);
    await type('Control+Enter');
    await window.notebook.output('ran 42').waitFor();
    await cells.first().locator('.view-line').nth(1).waitFor({ state: 'detached' });
  });

  it('insert, delete and restore cells, and change what they are', async () => {
    await type('Escape');
    await press('b');
    await count(2);
    await type('Escape');
    await press('a');
    await count(3);
    await type('Escape');
    await press('d', 'd');
    await count(2);
    await press('z');
    await count(3);
    await press('x');
    await count(2);
    await press('v');
    await count(3);
    await press('m');
    await cells.locator('.cell-editor-part, .markup').first().waitFor();
  });

  it('write letters where a cell is edited', async () => {
    await window.notebook.edit(0);
    await type('End', 'Enter', 'a', 'b', 'z');
    await cells.first().locator('.view-line', { hasText: 'abz' }).waitFor();
    await type('Alt+Enter');
    await count(4);
  });
});
