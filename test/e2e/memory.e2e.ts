/** A notebook that needs more memory than its kernel has gets it from the message that says so. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { notebook, writeFile } from '../vscode/sample.ts';
import type { Window } from '../vscode/window.ts';
import { createStage, kernels, ready, type Stage } from './stage.ts';

const project = 'memory';
const cells = ['blocks = [bytearray(50_000_000) for _ in range(10_000)]', 'print("fits")'];

describe('the memory of a notebook', () => {
  let stage: Stage;
  let window: Window;
  before(async () => {
    stage = await createStage();
    await stage.gateway.api.projects.create({ name: project });
    await writeFile(stage.gateway, project, 'large.ipynb', notebook(...cells));
    await ready(stage.gateway, project, 'python-inference');
    window = await stage.workbench.open({ folder: `bine:/${project}` });
    await (await window.explorer()).item('large.ipynb').dblclick();
    await window.notebook.selectKernel(kernels.inference);
  });
  after(() => stage[Symbol.asyncDispose]());

  const running = async () => {
    const [kernel] = await stage.gateway.api.kernels.list({ project });
    return kernel && { memory: kernel.memory, cores: kernel.cores };
  };

  it('is doubled by one click once the kernel ran out of it', async () => {
    await window.notebook.runCell(0);
    const said = window.notification(/memory/);
    await said.waitFor();
    await window.screenshot('out-of-memory');
    await said.getByRole('button', { name: 'Restart with 4 GiB' }).click();
    await window.notebook.runCell(1);
    await window.notebook.output('fits').waitFor();
    assert.equal((await running())?.memory, 4096);
  });
});
