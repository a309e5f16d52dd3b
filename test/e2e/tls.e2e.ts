/** A gateway with a certificate of its own: the editor is told what to trust, and everything runs over TLS. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { stopBrowser } from '../../cli/src/vscode/browser.ts';
import { notebook, writeFile } from '../vscode/sample.ts';
import type { Window } from '../vscode/window.ts';
import { launchBrowser, openAddress } from '../vscode/workbench.ts';
import { createStage, kernels, ready, type Stage } from './stage.ts';

const main = resolve(import.meta.dirname, '../../cli/src/main.ts');
const project = 'sealed';

describe('the editor over TLS with a self-signed certificate', () => {
  let stage: Stage;
  let window: Window;
  const stack = new AsyncDisposableStack();

  before(async () => {
    stage = stack.use(await createStage({ BINE_TLS: 'self-signed' }));
    assert.match(stage.gateway.url, /^https:/);
    await stage.gateway.api.projects.create({ name: project });
    await writeFile(stage.gateway, project, 'work.ipynb', notebook('print("over", "TLS")'));
    await ready(stage.gateway, project, 'python-inference');
    window = await stage.workbench.open({ folder: `bine:/${project}` });
  });
  after(() => stack.disposeAsync());

  it('is connected and has the project in its tree', async () => {
    await window.status('Bine').first().waitFor();
    const projects = await window.view('Bine', 'Projects');
    await projects.expand(project);
    await projects.item('work.ipynb').waitFor();
  });

  it('runs a cell', async () => {
    await (await window.explorer()).open('work.ipynb');
    await window.notebook.selectKernel(kernels.inference);
    await window.notebook.runCell(0);
    await window.notebook.output('over TLS').waitFor();
    await window.notebook.waitForState(0, 'success');
    await window.screenshot('tls');
  });

  it('that `bine code` serves has the certificate and a key of its own, also as another user than the one of the gateway', async () => {
    const { gateway } = stage;
    const browser = await launchBrowser();
    stack.defer(() => browser.close());
    const address = await bineCode(gateway.home, project);
    const { folder } = JSON.parse(await readFile(join(gateway.home, 'vscode/server.json'), 'utf8')) as { folder: string };
    stack.defer(async () => {
      await stopBrowser(gateway.home);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    });
    // Only root has another user for VS Code.
    const home = process.getuid!() === 0 ? join(folder, 'gateway') : gateway.home;
    const announced = JSON.parse(await readFile(join(home, 'gateway.json'), 'utf8')) as { url: string; certificate: string };
    assert.equal(announced.url, gateway.url);
    const pem = await readFile(join(home, announced.certificate), 'utf8');
    assert.equal(pem, await readFile(join(gateway.home, announced.certificate), 'utf8'));
    const key = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
    assert.equal((await gateway.as(key).access.me({})).user.name, 'admin');
    await using served = await openAddress(browser, address);
    await served.status('Bine').first().waitFor();
    await (await served.view('Bine', 'Projects')).item(project).waitFor();
  });
});

async function bineCode(home: string, ...words: string[]): Promise<string> {
  const env = { ...process.env, BINE_HOME: home, DISPLAY: '' };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'code', ...words], { env, stdio: 'pipe' });
  const [said, problems, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  assert.equal(code, 0, problems);
  return said.trim();
}
