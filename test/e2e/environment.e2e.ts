/** The missing library: a bundled environment is cloned, a package installed, and the open notebook goes on with it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { notebook, writeFile } from '../vscode/sample.ts';
import { click } from '../vscode/attempts.ts';
import type { Tree } from '../vscode/tree.ts';
import type { Window } from '../vscode/window.ts';
import { createStage, kernels, ready, type Stage } from './stage.ts';

const project = 'library';
const clone = 'inference';

describe('an environment', () => {
  let stage: Stage;
  let window: Window;
  let environments: Tree;
  before(async () => {
    stage = await createStage();
    await stage.gateway.api.projects.create({ name: project });
    await writeFile(
      stage.gateway,
      project,
      'work.ipynb',
      notebook(
        'answer = 42',
        'import iniconfig\nprint(answer, "with", iniconfig.__name__)',
        'import toolz\nprint(answer, "and", toolz.__name__)',
      ),
    );
    await ready(stage.gateway, project, 'python-inference');
    window = await stage.workbench.open({ folder: `bine:/${project}` });
  });
  after(() => stage[Symbol.asyncDispose]());

  it('that is bundled is cloned from its view, at once', async () => {
    environments = await window.view('Bine', 'Environments');
    await environments.item(kernels.inference).waitFor();
    await window.screenshot('environments-bundled');
    await window.quickInput.ask('Name of the new environment', () => environments.action(kernels.inference, 'Clone Environment'));
    await window.quickInput.answer(clone);
    await environments.item(clone).waitFor();
    await environments.expand(clone);
    await window.screenshot('environments-clone');
  });

  it('is offered by name under "Select Kernel", and runs the notebook', async () => {
    await (await window.explorer()).open('work.ipynb');
    await window.notebook.selectKernel(clone);
    await window.screenshot('kernel-of-clone');
    await window.notebook.runCell(0);
    await window.notebook.waitForState(0, 'success');
  });

  it('gets a package by "Install Packages…", which shows first what would change', async () => {
    environments = await window.view('Bine', 'Environments');
    const { page, quickInput } = window;
    await quickInput.ask('Install Packages in', () => environments.action(clone, 'Install Packages'));
    await quickInput.fill('iniconfig');
    await quickInput.widget.getByText('latest').waitFor();
    await window.screenshot('install-packages');
    await quickInput.pick('Preview');
    await quickInput.widget.getByText('Added: 1').waitFor();
    await window.screenshot('install-preview');
    await page.keyboard.press('Enter');
    await window.notification('Installing iniconfig in inference').waitFor();
    await environments.expand(clone, 'Packages');
    await environments.item('iniconfig').waitFor();
    await window.notification('Installing iniconfig in inference').waitFor({ state: 'detached' });
    await window.screenshot('package-installed');
  });

  it('has it in the running kernel with no restart', async () => {
    await window.notebook.runCell(1);
    await window.notebook.output('42 with iniconfig').waitFor();
    assert.equal((await stage.gateway.api.kernels.list({ project })).length, 1);
  });

  it('gets what a cell misses, and the cell runs again', async () => {
    await window.notebook.runCell(2);
    await window.notebook.output('ModuleNotFoundError').waitFor();
    const offer = window.page.locator('.cell-statusbar-container').getByText('Install toolz in inference and run again');
    await offer.waitFor();
    await window.screenshot('module-missing');
    await click(offer);
    await window.notebook.output('42 and toolz').waitFor();
    await window.screenshot('module-installed');
  });

  it('goes back to an earlier revision, and says what each one did', async () => {
    // Closed, so that what is below it is in view.
    await environments.collapse('Packages');
    await environments.expand(clone, 'Revisions');
    await environments.action('Revision 2', 'Roll Back Environment');
    await environments.item('Revision 4').waitFor();
    await window.notification('Rolling inference back').waitFor({ state: 'detached' });
    await window.screenshot('environment-revisions');
    const packages = await stage.gateway.api.environments.packages({ project, environment: clone });
    const names = packages.map(({ name }) => name);
    assert.deepEqual([names.includes('iniconfig'), names.includes('toolz')], [true, false]);
    await window.command('Bine: Show Build Log…');
    await window.quickInput.pick(clone);
    await window.page.locator('.terminal-tab, .single-terminal-tab', { hasText: 'Build: inference' }).first().waitFor();
    await window.screenshot('build-log');
  });
});
