/** From a Git server and back: a repository is checked out with a token, changed, committed and pushed, all in the editor. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Locator } from 'playwright-core';
import { type GitServer, startGitServer } from '../git-server/server.ts';
import { click, momentMs, repeat } from '../vscode/attempts.ts';
import { buildExtension, extension } from '../vscode/extension.ts';
import { startGateway, type TestGateway } from '../vscode/gateway.ts';
import type { Window } from '../vscode/window.ts';
import { startWorkbench, type Workbench } from '../vscode/workbench.ts';

const project = 'churn';
const original = 'import csv\n\n\ndef features(row):\n    return [row["age"], row["tenure"]]';
const changed = 'import csv\n\n\ndef features(row):\n    return [row["age"], row["tenure"], row["plan"]]';

describe('a repository', () => {
  let stack: AsyncDisposableStack;
  let gateway: TestGateway;
  let server: GitServer;
  let address: string;
  let workbench: Workbench;
  let window: Window;
  let scm: Locator;

  /** A file or group of Source Control, by its name. */
  const row = (name: string) =>
    scm
      .locator('.monaco-list-row')
      .filter({ has: window.page.locator('.label-name, .resource-group .name').getByText(name, { exact: true }) });
  const act = async (name: string, title: string) => {
    await click(row(name).first().locator(`.action-label[aria-label^="${title}"]`).first(), { hover: row(name).first() });
  };
  /** With the message that is there if none is given. */
  async function commit(message?: string): Promise<void> {
    const box = scm.locator('.scm-input .monaco-editor').first();
    await repeat(
      () => box.click({ timeout: momentMs }),
      () => box.and(window.page.locator('.focused')).waitFor({ timeout: momentMs }),
    );
    if (message) {
      await window.page.keyboard.insertText(message);
      await box.locator('.view-line', { hasText: message }).waitFor();
    }
    await window.page.keyboard.press('Control+Enter');
  }
  /** What the server has on its branch main, newest first. */
  const pushed = async () => (await server.git('model', 'log', '--format=%s by %an', 'main')).trim().split('\n');
  const hasCommits = async (...expected: string[]) => {
    const found = await pushed();
    assert.deepEqual(
      expected.filter((each) => !found.includes(each)),
      [],
    );
  };
  /** Resolves when the next operation of this kind has ended like this. */
  async function ended(action: string, state: string): Promise<void> {
    for await (const event of await gateway.api.events.subscribe({})) {
      if (event.type === 'git.operation' && event.data.action === action && event.data.state === state) return;
    }
  }
  const status = () => gateway.api.git.status({ project, repository: 'model' });

  before(async () => {
    stack = new AsyncDisposableStack();
    server = stack.use(await startGitServer());
    address = await server.repository('model', { 'features.py': original, 'README.md': '# Model\n', 'old.py': 'pass\n' });
    [gateway] = await Promise.all([startGateway(server.env), buildExtension()]);
    stack.use(gateway);
    workbench = stack.use(await startWorkbench({ extension, home: gateway.home }));
    await gateway.api.projects.create({ name: project });
    window = await workbench.open({ folder: `bine:/${project}` });
    scm = window.page.locator('.part.sidebar .scm-view');
  });
  after(() => stack.disposeAsync());

  it('is checked out with a wizard that asks for a token when the server wants one', async () => {
    const { quickInput } = window;
    const input = quickInput.widget.locator('.quick-input-box input');
    await click((await window.view('Source Control', '')).pane.getByText('Check Out Repository'));
    await quickInput.fill('git@example.org:team/model.git');
    await quickInput.widget.getByText('over HTTPS: https://example.org/team/model.git').waitFor();
    await window.screenshot('git-check-out-address');
    await quickInput.answer(address);
    await quickInput.widget.getByText(`Token for ${server.host}`).waitFor();
    await quickInput.fill(server.token);
    await window.screenshot('git-check-out-token');
    await input.press('Enter');
    const explorer = await window.explorer();
    await explorer.item('features.py').waitFor();
    await window.screenshot('git-checked-out');
    const [credential] = await gateway.api.git.credentials({});
    assert.equal(credential?.host, server.host);
  });

  it('shows an edit in the gutter, in the explorer and in Source Control', async () => {
    const explorer = await window.explorer();
    await explorer.open('features.py');
    const { page } = window;
    await window.typeOver('features.py', changed);
    await page.locator('.editor-instance .dirty-diff-modified').first().waitFor();
    await window.save();
    await explorer.pane.locator('.monaco-list-row', { hasText: 'features.py' }).locator('[class*=monaco-decoration-itemBadge]').waitFor();
    await explorer.select('old.py');
    await page.keyboard.press('Delete');
    await click(
      page
        .locator('.monaco-dialog-box')
        .getByText(/^(Delete|Move to Trash)$/)
        .first(),
    );
    await explorer.item('old.py').waitFor({ state: 'detached' });
    await gateway.api.files.copy({ project, from: 'model/README.md', to: 'model/NOTES.md', overwrite: false });
    await explorer.open('features.py');
    await window.screenshot('git-gutter');
    await window.view('Source Control', '');
    for (const name of ['features.py', 'old.py', 'NOTES.md']) await row(name).first().waitFor();
    await window.screenshot('git-changes');
    await click(page.locator('.editor-actions [aria-label^="Open Changes"]'));
    await page.locator('.monaco-diff-editor .line-insert').first().waitFor();
    await window.screenshot('git-diff');
    await click(page.locator('.editor-actions [aria-label^="Open"][aria-label*="File"]'));
    await page.locator('.monaco-diff-editor').waitFor({ state: 'hidden' });
    await click(row('features.py').first());
    await page.locator('.monaco-diff-editor .line-insert').first().waitFor();
  });

  it('is staged, and discarded to the bin', async () => {
    const { page } = window;
    await act('features.py', 'Stage Changes');
    await row('Staged Changes').waitFor();
    await act('old.py', 'Discard Changes');
    await click(page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Restore' }));
    await row('old.py').waitFor({ state: 'detached' });
    await gateway.api.files.copy({ project, from: 'model/README.md', to: 'model/draft.md', overwrite: false });
    await act('draft.md', 'Discard Changes');
    await page.locator('.monaco-dialog-box').getByText('goes to the bin').waitFor();
    await window.screenshot('git-discard');
    await click(page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Move to Bin' }));
    await row('draft.md').waitFor({ state: 'detached' });
    await window.screenshot('git-staged');
    const { staged, changes, untracked } = await status();
    assert.deepEqual([staged.map(({ path }) => path), changes, untracked.map(({ path }) => path)], [['features.py'], [], ['NOTES.md']]);
  });

  it('is committed by a person who is asked once who they are', async () => {
    const { quickInput } = window;
    await commit('Count the plan among the features');
    await quickInput.widget.getByText('Your name, as it stands in commits').waitFor();
    await window.screenshot('git-identity');
    await quickInput.answer('Ann Example');
    await quickInput.widget.getByText('Your e-mail address').waitFor();
    await quickInput.answer('ann@example.org');
    await row('features.py').waitFor({ state: 'detached' });
    await window.status(/1↑/).waitFor();
    await window.screenshot('git-committed');
  });

  it('is pushed, and the commit is on the server', async () => {
    await click(window.status(/1↑/).locator('a'));
    await window.status(/1↑/).waitFor({ state: 'detached' });
    await window.screenshot('git-pushed');
    assert.equal((await pushed())[0], 'Count the plan among the features by Ann Example');
  });

  it('goes to another branch, and back', async () => {
    const { quickInput } = window;
    await click(window.page.getByRole('button', { name: 'Check out another branch' }));
    await quickInput.pick('Create Branch…');
    await quickInput.widget.getByText('Name of the new branch').waitFor();
    await quickInput.answer('try-plan');
    await window.status('try-plan').waitFor();
    await click(window.page.getByRole('button', { name: 'Check out another branch' }));
    await quickInput.labels();
    await window.screenshot('git-branches');
    await quickInput.pick('main');
    await window
      .status(/^ ?main/)
      .first()
      .waitFor();
  });

  it('says what to do when the server has more, and does it', async () => {
    await server.commit('model', { 'README.md': '# A better model\n' }, { message: 'Say that it is better' });
    await act('NOTES.md', 'Stage Changes');
    await commit('Note what is known');
    await window.status(/1↑/).waitFor();
    await window.command('Bine: Push');
    const refused = window.notification('Push:');
    await refused.waitFor();
    await window.screenshot('git-push-rejected');
    await window.respond('Push:', 'Pull, Then Push');
    await window.status(/1↑|2↑/).waitFor({ state: 'detached' });
    await hasCommits('Note what is known by Ann Example', 'Say that it is better by Bob');
  });

  it('settles a conflict above its marks, and commits the merge', async () => {
    const { page } = window;
    await server.commit('model', { 'features.py': original.replace('tenure', 'contract') }, { message: 'Take the contract' });
    await click(page.locator('.tabs-container .tab[aria-label^="features.py"]').first());
    await window.focusEditor('features.py');
    await page.keyboard.press('Control+End');
    await page.keyboard.insertText('  # in years');
    await window.save();
    await window.view('Source Control', '');
    await act('features.py', 'Stage Changes');
    await commit('Say the unit');
    await window.status(/1↑/).waitFor();
    await window.command('Bine: Sync Changes');
    await window.notification('1 file is in conflict').waitFor();
    await click(row('features.py').first());
    await page.getByText('Accept Both Changes').waitFor();
    await window.screenshot('git-conflict');
    await click(page.getByText('Accept Current Change'));
    await page.getByText('Accept Current Change').waitFor({ state: 'detached' });
    await act('features.py', 'Stage Changes');
    await row('Merge Changes').waitFor({ state: 'detached' });
    await commit();
    await window.status('merging').waitFor({ state: 'detached' });
    await window.command('Bine: Push');
    await window.status(/2↑/).waitFor({ state: 'detached' });
    await hasCommits('Say the unit by Ann Example', 'Take the contract by Bob');
  });

  it('asks for another token when the server refuses the one it has, and goes on', async () => {
    await gateway.api.git.setCredential({ host: server.host, token: 'expired' });
    await server.commit('model', { 'README.md': '# The best model\n' }, { message: 'Say that it is the best' });
    const pulled = ended('pull', 'succeeded');
    await window.command('Bine: Pull');
    const refused = window.notification('Pull:');
    await refused.getByText('Enter Token…').waitFor();
    await window.screenshot('git-token-refused');
    await window.respond('Pull:', 'Enter Token…');
    await window.quickInput.widget.getByText(`Token for ${server.host}`).waitFor();
    await window.quickInput.answer(server.token);
    await pulled;
    const log = await gateway.api.git.log({ project, repository: 'model' });
    assert.ok(log.some(({ subject }) => subject === 'Say that it is the best'));
  });

  it('shows what goes over the network while it lasts, and cancels it', async () => {
    const asked = Promise.withResolvers<void>();
    const answering = Promise.withResolvers<boolean>();
    server.intercept = () => {
      asked.resolve();
      return answering.promise;
    };
    const cancelled = ended('fetch', 'cancelled');
    await window.command('Bine: Fetch');
    await asked.promise;
    await window.notification('Fetching model').waitFor();
    await window.page.locator('.part.statusbar .codicon-sync.codicon-modifier-spin').first().waitFor();
    await window.screenshot('git-fetching');
    await window.respond('Fetching model', 'Cancel');
    await cancelled;
    await window.page.locator('.part.statusbar .codicon-sync.codicon-modifier-spin').waitFor({ state: 'detached' });
    answering.resolve(false);
    server.intercept = () => false;
  });
});
