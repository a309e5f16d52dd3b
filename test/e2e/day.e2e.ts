/** An ordinary day: files go both ways, much is printed, kernels are looked after, and a second window is open. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { notebook, readFile, writeFile } from '../vscode/sample.ts';
import type { Window } from '../vscode/window.ts';
import { createStage, kernels, ready, savedText, upTo, type Stage } from './stage.ts';

const project = 'day';

describe('an ordinary day', () => {
  let stage: Stage;
  let window: Window;
  before(async () => {
    stage = await createStage();
    await stage.gateway.api.projects.create({ name: project });
    await writeFile(stage.gateway, project, 'settings.txt', 'before\n');
    await writeFile(
      stage.gateway,
      project,
      'work.ipynb',
      notebook(
        'print("the kernel reads:", open("settings.txt").read())',
        'import os\nos.makedirs("results", exist_ok=True)\nopen("results/answer.txt", "w").write("42")\nprint("written")',
        'for i in range(20_000):\n    print("line", i, flush=True)',
        'print("from either window")',
      ),
    );
    await ready(stage.gateway, project, 'python-inference');
    window = await stage.workbench.open({ folder: `bine:/${project}` });
  });
  after(() => stage[Symbol.asyncDispose]());

  it('lets the kernel see a file that was edited in the editor', async () => {
    const explorer = await window.explorer();
    await explorer.open('settings.txt');
    await window.typeOver('settings.txt', 'edited in VS Code');
    await window.save();
    await explorer.open('work.ipynb');
    await window.notebook.selectKernel(kernels.inference);
    await window.notebook.runCell(0);
    await window.notebook.output('the kernel reads: edited in VS Code').waitFor();
  });

  it('shows a file that the kernel wrote, without a refresh', async () => {
    await window.notebook.runCell(1);
    await window.notebook.output('written').waitFor();
    const explorer = await window.explorer();
    await explorer.expand('results');
    await explorer.item('answer.txt').waitFor();
    await window.screenshot('explorer-after-kernel');
  });

  it('keeps each of 20,000 flushed lines', async () => {
    await window.notebook.runCell(2);
    await window.notebook.waitForState(2, 'success', 60_000);
    await window.save();
    const [, , lines] = savedText(await readFile(stage.gateway, project, 'work.ipynb'));
    assert.deepEqual(
      lines!.split('\n').slice(0, -1),
      upTo(20_000).map((index) => `line ${index}`),
    );
  });

  it('lists the project with its files and the kernel with its notebook', async () => {
    const projects = await window.view('Bine', 'Projects');
    await projects.expand(project);
    await projects.item('work.ipynb').waitFor();
    const running = await window.view('Bine', 'Kernels');
    await running.item('work.ipynb').waitFor();
    await window.screenshot('views');
  });

  it('shows the same notebook in a second window, with outputs of the first', async () => {
    await using second = await stage.workbench.open({ folder: `bine:/${project}` });
    await (await second.explorer()).open('work.ipynb');
    await window.notebook.runCell(3);
    await window.notebook.output('from either window').waitFor();
    await second.notebook.runCell(3);
    await second.notebook.output('from either window').waitFor();
    assert.equal((await stage.gateway.api.kernels.list({ project })).length, 1, 'one kernel a notebook');
    await second.screenshot('second-window');
  });

  it('shuts the kernel down from its view', async () => {
    const running = await window.view('Bine', 'Kernels');
    await running.action('work.ipynb', 'Shut Down');
    await running.item('work.ipynb').waitFor({ state: 'detached' });
    assert.deepEqual(await stage.gateway.api.kernels.list({ project }), []);
  });
});
