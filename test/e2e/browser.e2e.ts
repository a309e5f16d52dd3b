/** `bine code` where there is no desktop: VS Code in a browser, as a user gets it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { tmpdir } from 'node:os';
import type { Browser } from 'playwright-core';
import { stopBrowser } from '../../cli/src/vscode/browser.ts';
import { until } from '../until.ts';
import { startGateway, type TestGateway } from '../vscode/gateway.ts';
import { writeFile } from '../vscode/sample.ts';
import { launchBrowser, openAddress, screenshots } from '../vscode/workbench.ts';

const main = resolve(import.meta.dirname, '../../cli/src/main.ts');

describe('VS Code in the browser', () => {
  let gateway: TestGateway;
  let browser: Browser;
  /** Where programs of whatever user may write. */
  let marks: string;
  const stack = new AsyncDisposableStack();

  before(async () => {
    gateway = stack.use(await startGateway());
    browser = await launchBrowser();
    stack.defer(() => browser.close());
    marks = await mkdtemp(join(tmpdir(), 'bine-marks-'));
    await chmod(marks, 0o777);
    stack.defer(() => rm(marks, { recursive: true, force: true }));
    stack.defer(async () => {
      const record = await readRecord();
      await stopBrowser(gateway.home);
      await rm(record.folder, { recursive: true, force: true, maxRetries: 5 });
    });
    for (const name of ['plain', 'hostile']) await gateway.api.projects.create({ name });
    await gateway.api.files.mkdir({ project: 'hostile', path: '.vscode' });
    const settings = {
      'terminal.integrated.cwd': '/',
      'terminal.integrated.profiles.linux': {
        other: { path: '/bin/sh', args: ['-c', `touch ${join(marks, 'terminal')}; exec sh`] },
      },
      'terminal.integrated.defaultProfile.linux': 'other',
    };
    await writeFile(gateway, 'hostile', '.vscode/settings.json', JSON.stringify(settings));
  });
  after(() => stack.disposeAsync());

  async function bineCode(...words: string[]): Promise<string> {
    const env = { ...process.env, BINE_HOME: gateway.home, DISPLAY: '' };
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'code', ...words], { env, stdio: 'pipe' });
    const [said, problems, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    assert.equal(code, 0, problems);
    return said.trim();
  }

  async function readRecord(): Promise<{ url: string; pid: number; folder: string }> {
    return JSON.parse(await readFile(join(gateway.home, 'vscode/server.json'), 'utf8')) as { url: string; pid: number; folder: string };
  }

  it('does not run as root, and cannot read the home of the gateway', async () => {
    await bineCode('plain');
    const { pid } = await readRecord();
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const uids = /^Uid:\s+(.*)$/m.exec(status)![1]!.split(/\s+/);
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
    if (process.getuid!() === 0) {
      assert.ok(!uids.includes('0'), `it runs with ${uids.join(' ')}`);
      assert.ok(!environment.includes(`BINE_HOME=${gateway.home}\0`), 'it is pointed to files that are not for it');
    }
  });

  it('opens an empty window where no project is named', async () => {
    await using empty = await openAddress(browser, await bineCode());
    await empty.status('Bine').first().waitFor();
    assert.equal(await empty.page.getByText('Workspace does not exist').count(), 0);
    assert.equal(await empty.page.locator('[aria-label*="Chat"]').count(), 0);
  });

  it('begins with the first step of the walkthrough that is left to do', async () => {
    await using window = await openAddress(browser, await bineCode('plain'));
    await window.page.locator('.part.sidebar').getByText('plain [Bine]').first().waitFor();
    await window.status('Bine').first().waitFor();
    const steps = window.page.locator('.getting-started-step');
    for (const done of ['Connect to a gateway', 'Open the sample project']) {
      await steps.filter({ hasText: done }).locator('.codicon-getting-started-step-checked').waitFor();
    }
    await steps.filter({ hasText: 'Run a notebook' }).and(window.page.locator('.expanded')).waitFor();
    await window.page.screenshot({ path: join(screenshots, 'browser-plain.png') });
    // The first file that is clicked does not take the walkthrough's place.
    await window.page.locator('.tab:not(.italic)', { hasText: 'Welcome' }).waitFor();
  });

  it('has the same address after a restart, by which the browser knows what it remembered', async () => {
    const earlier = await bineCode('plain');
    const { pid } = await readRecord();
    await stopBrowser(gateway.home);
    const again = await bineCode('plain');
    assert.notEqual((await readRecord()).pid, pid);
    assert.equal(again, earlier);
  });

  it("uses a project's editor settings, which can start programs, only when the user says so", async ({ signal }) => {
    await using window = await openAddress(browser, await bineCode('hostile'));
    const warning = window.notification('has editor settings in .vscode');
    await warning.waitFor();
    await window.page.screenshot({ path: join(screenshots, 'editor-settings.png') });
    await window.command('Terminal: Create New Terminal');
    // In the user's home: the project's folder is on no disk.
    await window.page.locator('.terminal-wrapper.active .xterm-screen').first().waitFor();
    assert.equal(await window.notification('Starting directory').count(), 0);
    assert.deepEqual(await readdir(marks), []);

    await window.respond('has editor settings in .vscode', 'Use Them');
    await warning.waitFor({ state: 'detached' });
    // Profiles of terminals follow the settings a little later.
    const use = async () => {
      await window.command('Terminal: Create New Terminal');
      await window.page.locator('.terminal-wrapper.active .xterm-screen').first().waitFor();
      return (await readdir(marks)).includes('terminal');
    };
    await until(use, 'the allowed settings to be used', { signal });
  });
});
