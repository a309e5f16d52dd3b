/** One window of VS Code as a user sees it: what can be pressed, asked, read and photographed. */
import { join } from 'node:path';
import { errors, type Locator, type Page } from 'playwright-core';
import { click, momentMs, repeat, settlingMs } from './attempts.ts';
import { patience } from './patience.ts';
import { createNotebook, type Notebook } from './notebook.ts';
import { createTree, type Tree } from './tree.ts';

export type Window = {
  page: Page;
  load(url: string): Promise<void>;
  /** Runs a command by its title in the palette, such as `Bine: Create Project…`. */
  command(title: string): Promise<void>;
  /** The quick pick or input box that is open. */
  quickInput: QuickInput;
  /** A view of the side bar by the titles of its container in the activity bar and of itself; both are opened. */
  view(container: string, title: string): Promise<Tree>;
  /** The files of the open folder. */
  explorer(): Promise<Tree>;
  /** The notebook in the active editor. */
  notebook: Notebook;
  /** Puts the cursor into the text editor of this file, which is in view. */
  focusEditor(file: string): Promise<void>;
  /** Replaces everything in it. */
  typeOver(file: string, text: string): Promise<void>;
  /** Saves the active editor. */
  save(): Promise<void>;
  /** Status bar entries that show this. */
  status(text: string | RegExp): Locator;
  /** Notification toasts that show this. */
  notification(text: string | RegExp): Locator;
  /** Presses a button of the notification that shows this. */
  respond(text: string | RegExp, button: string): Promise<void>;
  theme(theme: 'dark' | 'light'): Promise<void>;
  /** Saves `NAME-dark.png` and `NAME-light.png` among the test artifacts. */
  screenshot(name: string): Promise<void>;
  /** What the page and the extension host wrote to the browser's console. */
  console(): string[];
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type QuickInput = {
  widget: Locator;
  /** Does what brings a question, until it is asked. */
  ask(question: string, act: () => Promise<unknown>): Promise<void>;
  fill(text: string): Promise<void>;
  /** Types an answer and presses Enter. */
  answer(text: string): Promise<void>;
  /** Chooses the entry with this label. */
  pick(label: string | RegExp): Promise<void>;
  /** Labels on offer once there are any. */
  labels(): Promise<string[]>;
};

function createQuickInput(page: Page): QuickInput {
  const widget = page.locator('.quick-input-widget:visible');
  const rows = widget.locator('.quick-input-list .monaco-list-row');
  const input = widget.locator('.quick-input-box input');
  return {
    widget,
    ask: (question, act) =>
      repeat(
        async () => (await widget.isVisible()) || act(),
        () => widget.getByText(question).waitFor({ timeout: settlingMs }),
      ),
    fill: (text) => fill(input, text),
    async answer(text) {
      await fill(input, text);
      await input.press('Enter');
    },
    pick: (label) => click(rows.filter({ has: page.locator('.label-name', { hasText: label }) }).first()),
    async labels() {
      await rows.first().waitFor();
      return rows.locator('.quick-input-list-label .label-name').allInnerTexts();
    },
  };
}

/** A box that is just opening puts its own text in place of what was typed. */
async function fill(input: Locator, text: string, timeout = patience): Promise<void> {
  const twoFrames = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const act = async () => {
    await input.fill(text, { timeout: momentMs });
    await input.evaluate(twoFrames, undefined, { timeout: momentMs });
    const kept = await input.inputValue({ timeout: momentMs });
    if (kept !== text) throw new errors.TimeoutError(`${String(input)} did not keep "${text}".`);
  };
  await repeat(act, undefined, timeout);
}

async function runCommand(page: Page, title: string): Promise<void> {
  const widget = page.locator('.quick-input-widget:visible');
  const input = widget.locator('.quick-input-box input');
  const row = widget
    .locator('.quick-input-list .monaco-list-row')
    .filter({ has: page.getByText(title, { exact: true }) })
    .first();
  await repeat(async () => {
    // The key is lost while the focus goes from one part of the window to another.
    await page.keyboard.press('F1');
    await input.waitFor({ timeout: settlingMs });
    // It closes when the focus goes elsewhere.
    await fill(input, `>${title}`, settlingMs);
    await click(row, { timeout: settlingMs });
  });
}

/** Views that a container shows alone carry its title, not their own. */
async function showView(page: Page, container: string, title: string): Promise<Tree> {
  const sidebar = page.locator('.part.sidebar');
  const named = sidebar.locator('.composite.title .title-label', { hasText: container });
  // The item, not its label: a badge, such as the number of unsaved files, lies over that.
  const label = page.locator(`.action-label[aria-label^="${container}"]`);
  const icon = page.locator('.part.activitybar .action-item').filter({ has: label });
  await repeat(
    // One more click closes what is open.
    async () => (await named.isVisible()) || click(icon),
    () => named.waitFor({ timeout: settlingMs }),
  );
  const pane = sidebar
    .locator('.pane')
    .filter({ has: page.locator('.pane-header', { hasText: title }) })
    .first();
  const header = pane.locator('.pane-header');
  const closed = header.and(page.locator('[aria-expanded=false]'));
  await header.waitFor({ state: 'attached' });
  await repeat(
    async () => (await closed.isVisible()) && click(closed, { timeout: momentMs }),
    () => closed.waitFor({ state: 'detached', timeout: momentMs }),
  );
  return createTree(page, pane);
}

/** What is typed goes to where the focus is: waits for it. */
async function focusEditor(page: Page, label: string): Promise<void> {
  const editor = page.locator(`.editor-instance .monaco-editor[data-uri$="/${label}"]:visible`).first();
  await editor.waitFor();
  await repeat(
    () => editor.locator('.view-line').first().click({ timeout: momentMs }),
    () => editor.and(page.locator('.focused')).waitFor({ timeout: momentMs }),
  );
}

async function typeOver(page: Page, label: string, text: string): Promise<void> {
  await focusEditor(page, label);
  await page.keyboard.press('Control+a');
  // Typed key by key, the editor would indent the lines once more.
  await page.keyboard.insertText(text);
  const last = text.trimEnd().split('\n').at(-1)!;
  await page.locator(`.editor-instance .monaco-editor[data-uri$="/${label}"]:visible .view-line`, { hasText: last }).first().waitFor();
}

/** A toast goes by itself after some seconds; then the notification is behind the bell. */
async function respond(page: Page, text: string | RegExp, button: string): Promise<void> {
  const shown = page.locator('.notifications-toasts, .notifications-center').locator('.notification-list-item', { hasText: text });
  const action = shown.getByRole('button', { name: button }).first();
  await repeat(async () => {
    if (!(await shown.first().isVisible()))
      await click(page.locator('.statusbar-item[id="status.notifications"]'), { timeout: settlingMs });
    await shown.first().hover({ timeout: momentMs });
    await click(action, { timeout: momentMs });
  });
}

export function createWindow(page: Page, folder: string): Window {
  const lines: string[] = [];
  page.on('console', (message) => lines.push(message.text()));
  page.on('pageerror', (error) => lines.push(String(error)));
  const workbench = page.locator('.monaco-workbench');

  async function theme(name: 'dark' | 'light'): Promise<void> {
    await page.emulateMedia({ colorScheme: name });
    await page.locator(`.monaco-workbench.${name === 'dark' ? 'vs-dark' : 'vs:not(.vs-dark)'}`).waitFor();
  }
  async function screenshot(name: string): Promise<void> {
    // Where it rests on nothing: a tooltip would lie over what is to be seen.
    await page.mouse.move(page.viewportSize()!.width / 2, 1);
    for (const each of ['light', 'dark'] as const) {
      await theme(each);
      await page.screenshot({ path: join(folder, `${name}-${each}.png`), animations: 'disabled' });
    }
  }
  async function close(): Promise<void> {
    // What a test that failed has last seen.
    await page.screenshot({ path: join(folder, `closed-${Date.now()}.png`) });
    // As a user closes a window: the page says good-bye, so its extension host ends at once.
    await page.close({ runBeforeUnload: false });
    await page.context().close();
  }
  return {
    page,
    async load(url) {
      await page.goto(url);
      await workbench.locator('.part.statusbar .statusbar-item').first().waitFor();
    },
    command: (title) => runCommand(page, title),
    quickInput: createQuickInput(page),
    view: (container, title) => showView(page, container, title),
    explorer: () => showView(page, 'Explorer', ''),
    notebook: createNotebook(page),
    focusEditor: (file) => focusEditor(page, file),
    typeOver: (file, text) => typeOver(page, file, text),
    save: () =>
      repeat(
        () => page.keyboard.press('Control+s'),
        () => page.locator('.tabs-container .tab.active:not(.dirty)').waitFor({ timeout: settlingMs }),
      ),
    respond: (text, button) => respond(page, text, button),
    status: (text) => page.locator('.part.statusbar .statusbar-item', { hasText: text }),
    notification: (text) => page.locator('.notifications-toasts .notification-list-item', { hasText: text }),
    theme,
    screenshot,
    console: () => lines,
    close,
    [Symbol.asyncDispose]: close,
  };
}
