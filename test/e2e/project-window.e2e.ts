/** What is not ours in a window of a project keeps out of the way, and what is ours goes with the account. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { writeFile } from '../vscode/sample.ts';
import type { Window } from '../vscode/window.ts';
import { createStage, ready, type Stage } from './stage.ts';

describe('a window of a project', () => {
  let stage: Stage;
  let window: Window;
  before(async () => {
    stage = await createStage();
    const { api } = stage.gateway;
    await api.projects.create({ name: 'plain' });
    await writeFile(stage.gateway, 'plain', 'main.py', 'print("done")\n');
    await ready(stage.gateway, 'plain', 'python-inference');
    await api.jobs.put({ project: 'plain', job: 'main', path: 'main.py', environment: 'python-inference' });
    window = await stage.workbench.open({ folder: 'bine:/plain' });
  });
  after(() => stage[Symbol.asyncDispose]());

  it('has one button that initializes a repository, and it works', async () => {
    const { page } = window;
    await window.view('Source Control', '');
    const initialize = page.locator('.part.sidebar').getByRole('button', { name: 'Initialize Repository' });
    await page.locator('.part.sidebar').getByText('No repository is in this project yet').waitFor();
    await page.locator('.part.sidebar').getByRole('button', { name: 'Check Out Repository' }).waitFor();
    await initialize.nth(1).waitFor({ state: 'detached' });
    assert.equal(
      await page
        .locator('.part.sidebar')
        .getByRole('button', { name: /Publish|Clone/ })
        .count(),
      0,
    );
    await window.screenshot('no-repository');
    await initialize.click();
    await page.locator('.scm-view').getByText('main.py').waitFor();
  });

  it('finds files by name and lines by what is in them', async () => {
    const { page, quickInput } = window;
    await window.command('Bine: Go to File…');
    await quickInput.pick('main.py');
    await page.locator('.tabs-container .tab.active', { hasText: 'main.py' }).waitFor();
    await window.command('Bine: Find in Project…');
    await quickInput.answer('DONE');
    await quickInput.widget.getByText('Lines with "DONE"').waitFor();
    await quickInput.widget.getByText('main.py:1').waitFor();
    await window.screenshot('find-in-project');
    await quickInput.pick('print("done")');
    await window.status(/Ln 1, Col \d+ \(4 selected\)/).waitFor();
  });

  it('closes repositories, histories and logs when its user signs out, without an error', async () => {
    const { page } = window;
    const tree = await window.view('Bine', 'Jobs');
    await tree.item('main').waitFor();
    await stage.gateway.api.jobs.run({ project: 'plain', job: 'main' });
    await tree.menu('main', 'Show Log');
    await tree.menu('main', 'Show History');
    const tab = page.locator('.tabs-container .tab', { hasText: 'main: History' });
    const terminal = page.locator('.terminal-wrapper.active .xterm-rows');
    await tab.waitFor();
    await terminal.getByText('done').first().waitFor();
    const branch = window.status(/\bmain\b/).first();
    await branch.waitFor();
    await window.command('Bine: Sign Out');
    await branch.waitFor({ state: 'detached' });
    await tab.waitFor({ state: 'detached' });
    await terminal.waitFor({ state: 'detached' });
    await page.locator('.part.sidebar').getByText('Sign in to see your projects').waitFor();
    await window.screenshot('signed-out');
    assert.deepEqual(await window.notification(/./).allInnerTexts(), []);
  });
});
