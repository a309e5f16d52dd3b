/** A newcomer's first minutes: the sample opens, its notebook runs, and everything it shows can be seen. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createProject, notebook, quickstart, writeFile } from '../vscode/sample.ts';
import type { Window } from '../vscode/window.ts';
import { createStage, kernels, ready, type Stage } from './stage.ts';

describe('the sample project', () => {
  let stage: Stage;
  let window: Window;
  before(async () => {
    stage = await createStage();
    await createProject(stage.gateway, 'quickstart', quickstart);
    await writeFile(
      stage.gateway,
      'quickstart',
      'talk.ipynb',
      notebook(
        '1 / 0',
        'name = input("Who are you? ")\nprint("Hello", name)',
        'import time\nwhile True:\n    time.sleep(0.05)',
        'from getpass import getpass\nprint(len(getpass("A secret, please: ")))',
        'print("\\x1b[31mred\\x1b[0m and \\x1b[1mbold\\x1b[0m")',
      ),
    );
    await ready(stage.gateway, 'quickstart', 'python-feature');
    window = await stage.workbench.open({ folder: 'bine:/quickstart' });
  });
  after(() => stage[Symbol.asyncDispose]());

  it('is connected and in the explorer without a question asked', async () => {
    await window.status('Bine').first().waitFor();
    const explorer = await window.explorer();
    for (const name of ['1-features.ipynb', '2-training.ipynb', '3-inference.ipynb', 'data']) await explorer.item(name).waitFor();
    assert.equal(await window.quickInput.widget.count(), 0);
    await window.screenshot('sample-explorer');
  });

  it('runs its first notebook from the first cell to the last, with tables and a plot', async () => {
    await (await window.explorer()).open('1-features.ipynb');
    await window.notebook.selectKernel(kernels.feature);
    await window.notebook.runAll();
    const table = window.notebook.outputs.locator('table').first();
    await table.waitFor();
    await window.notebook.show(table);
    await window.screenshot('table');
    await window.notebook.waitForState(7, 'success', 60_000);
    const plot = window.notebook.outputs.locator('img').first();
    await window.notebook.show(plot);
    assert.ok((await plot.evaluate((image: HTMLImageElement) => image.naturalWidth)) > 300);
    // The picture in the README: docs/images/window.png is the dark one of these two.
    const projects = await window.view('Bine', 'Projects');
    await projects.expand('quickstart');
    await projects.item('1-features.ipynb').waitFor();
    await window.notebook.show(plot);
    await window.screenshot('plot');
    await window.notebook.waitForState(11, 'success', 60_000);
    await window.notebook.output('features/untested.csv').waitFor();
    await (await window.explorer()).item('features').waitFor();
  });

  it('shows a traceback where a cell fails', async () => {
    await (await window.explorer()).open('talk.ipynb');
    await window.notebook.selectKernel(kernels.feature);
    await window.notebook.runCell(0);
    await window.notebook.waitForState(0, 'error');
    await window.notebook.output('ZeroDivisionError').waitFor();
    await window.screenshot('traceback');
  });

  it('asks for input(), and for a password without showing it', async () => {
    await window.notebook.runCell(1);
    await window.quickInput.widget.getByText('Who are you?').waitFor();
    await window.screenshot('input');
    await window.quickInput.answer('Ada');
    await window.notebook.output('Hello Ada').waitFor();
    await window.notebook.runCell(3);
    await window.quickInput.widget.getByText('A secret, please:').waitFor();
    assert.equal(await window.quickInput.widget.locator('input').first().getAttribute('type'), 'password');
    await window.quickInput.answer('seven77');
    await window.notebook.output('7').waitFor();
  });

  it('interrupts a loop', async () => {
    await window.notebook.runCell(2);
    await window.notebook.waitForState(2, 'executing');
    await window.notebook.toolbar('Interrupt');
    await window.notebook.output('KeyboardInterrupt').waitFor();
    await window.notebook.waitForState(2, 'error');
  });
});
