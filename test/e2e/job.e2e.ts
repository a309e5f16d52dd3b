/** From laptop to cluster: a local script that nobody saved runs as a job; its traceback leads to the line; fixed, it runs again. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { repeat, settlingMs } from '../vscode/attempts.ts';
import type { Window } from '../vscode/window.ts';
import { createStage, ready, type Stage } from './stage.ts';

const project = 'churn';

describe('a local script', () => {
  let stage: Stage;
  let window: Window;
  let folder: string;
  before(async () => {
    stage = await createStage();
    folder = await mkdtemp(join(tmpdir(), 'laptop-'));
    await writeFile(join(folder, 'train.py'), 'print("on the disk")\n');
    await writeFile(join(folder, 'rows.py'), 'rows = [3, 1, 2]\n');
    const { api } = stage.gateway;
    await api.projects.create({ name: project });
    await ready(stage.gateway, project, 'python-inference');
    // What is run without a question runs where the project's latest job does.
    await api.jobs.put({ project, job: 'earlier', path: 'earlier.py', environment: 'python-inference' });
    window = await stage.workbench.open({ folder });
  });
  after(async () => {
    await stage[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const terminal = () => window.page.locator('.terminal-wrapper.active .xterm-rows');
  const executions = () => stage.gateway.api.executions.list({ project });

  const typeOver = (text: string) => window.typeOver('train.py', text);

  it('runs unsaved from the explorer, with the files beside it, and its log opens by itself', async () => {
    await window.status('Bine').first().waitFor();
    const explorer = await window.explorer();
    await explorer.open('train.py');
    await typeOver('from rows import rows\n\nprint("rows:", sorted(rows))\nprint(rows[7])\n');
    await window.page.locator('.tabs-container .tab.dirty').waitFor();
    await explorer.menu('train.py', 'Run as Job');
    await terminal().getByText('rows: [1, 2, 3]').waitFor();
    await terminal().getByText('IndexError: list index out of range', { exact: true }).waitFor();
    await window.screenshot('job-log-failed');
    assert.equal(await readFile(join(folder, 'train.py'), 'utf8'), 'print("on the disk")\n');
    const [one] = await executions();
    assert.deepEqual([one?.state, one?.exitCode], ['failed', 1]);
  });

  it('leads from its traceback to the line in the local file', async () => {
    const link = terminal()
      .getByText(/File ".*train\.py", line 4/)
      .first();
    const { mouse, keyboard } = window.page;
    await keyboard.down('Control');
    await repeat(
      // The terminal may have scrolled, and looks for links only when the mouse moves.
      async () => {
        const box = (await link.boundingBox())!;
        await mouse.move(box.x + 50, box.y + box.height / 2);
        await mouse.move(box.x + 60, box.y + box.height / 2);
      },
      () => window.page.locator('.xterm-rows span[style*="underline"]').first().waitFor({ timeout: settlingMs }),
    );
    await mouse.down();
    await mouse.up();
    await keyboard.up('Control');
    await window.status(/Ln 4, Col/).waitFor();
    await window.page.locator('.tabs-container .tab.active', { hasText: 'train.py' }).waitFor();
    await window.screenshot('job-traceback-clicked');
  });

  it('runs again once it is fixed, and succeeds', async () => {
    await typeOver('from rows import rows\n\nprint("rows:", sorted(rows))\nprint("last:", rows[-1])\n');
    await window.command('Bine: Run as Job');
    await terminal().getByText('last: 2').waitFor();
    // What is on screen is not told once more.
    assert.equal(await window.notification('train #2 succeeded').count(), 0);
    const jobs = await window.view('Bine', 'Jobs');
    await jobs.expand('train');
    await jobs.item('#2').waitFor();
    await window.screenshot('jobs-view');
    const [second, first] = await executions();
    assert.deepEqual([second?.state, first?.state], ['succeeded', 'failed']);
    assert.notEqual(second!.inputs.snapshot, first!.inputs.snapshot);
  });

  it('reruns an execution on exactly what it ran on', async () => {
    const jobs = await window.view('Bine', 'Jobs');
    await jobs.expand('train');
    await jobs.action('#1', 'Run Job Again');
    await jobs.item('#3').waitFor();
    await terminal().getByText('IndexError: list index out of range', { exact: true }).waitFor();
    const [third, , first] = await executions();
    assert.equal(third?.inputs.snapshot, first?.inputs.snapshot);
    assert.equal(third?.trigger, 'rerun');
  });

  it('tells of an end that nobody is looking at, with its cause', async () => {
    await typeOver('import sys, time\nprint("begun", flush=True)\ntime.sleep(11)\nsys.exit(9)\n');
    await window.command('Bine: Run as Job');
    await terminal().getByText('begun').waitFor();
    await window.command('View: Toggle Panel Visibility');
    await window
      .notification(/train #4 failed.*exit code 9/i)
      .first()
      .waitFor();
    await window.screenshot('job-failed-notification');
  });

  it('shows how it went before, drawn', async () => {
    const jobs = await window.view('Bine', 'Jobs');
    await jobs.menu('train', 'Show History');
    const page = window.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    await page.locator('svg').first().waitFor();
    await window.screenshot('job-history');
  });
});
