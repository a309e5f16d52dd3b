/** One window of VS Code as a user sees it: what can be pressed, asked, read and photographed. */
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
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
  /** Saves the active editor. */
  save(): Promise<void>;
  /** Status bar entries that show this. */
  status(text: string | RegExp): Locator;
  /** Notification toasts that show this. */
  notification(text: string | RegExp): Locator;
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
  /** Types an answer and presses Enter. */
  answer(text: string): Promise<void>;
  /** Chooses the entry with this label. */
  pick(label: string | RegExp): Promise<void>;
  /** Labels on offer once there are any. */
  labels(): Promise<string[]>;
};

function createQuickInput(page: Page): QuickInput {
  const widget = page.locator('.quick-input-widget:visible');
  const input = widget.locator('.quick-input-box input');
  const rows = widget.locator('.quick-input-list .monaco-list-row');
  return {
    widget,
    async answer(text) {
      await input.fill(text);
      await input.press('Enter');
    },
    async pick(label) {
      await rows
        .filter({ has: page.locator('.label-name', { hasText: label }) })
        .first()
        .click();
    },
    async labels() {
      await rows.first().waitFor();
      return rows.locator('.quick-input-list-label .label-name').allInnerTexts();
    },
  };
}

async function runCommand(page: Page, title: string): Promise<void> {
  const widget = page.locator('.quick-input-widget:visible');
  await page.keyboard.press('F1');
  await widget.locator('.quick-input-box input').fill(`>${title}`);
  await widget
    .locator('.quick-input-list .monaco-list-row')
    .filter({ has: page.getByText(title, { exact: true }) })
    .first()
    .click();
}

/** Views that a container shows alone carry its title, not their own. */
async function showView(page: Page, container: string, title: string): Promise<Tree> {
  const sidebar = page.locator('.part.sidebar');
  const named = sidebar.locator('.composite.title .title-label', { hasText: container });
  if (!(await named.isVisible())) {
    // The item, not its label: a badge, such as the number of unsaved files, lies over that.
    const label = page.locator(`.action-label[aria-label^="${container}"]`);
    await page.locator('.part.activitybar .action-item').filter({ has: label }).click();
  }
  await named.waitFor();
  const pane = sidebar
    .locator('.pane')
    .filter({ has: page.locator('.pane-header', { hasText: title }) })
    .first();
  const header = pane.locator('.pane-header');
  if ((await header.getAttribute('aria-expanded')) === 'false') await header.click();
  return createTree(page, pane);
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
    async save() {
      await page.keyboard.press('Control+s');
      await page.locator('.tabs-container .tab.active:not(.dirty)').waitFor();
    },
    status: (text) => page.locator('.part.statusbar .statusbar-item', { hasText: text }),
    notification: (text) => page.locator('.notifications-toasts .notification-list-item', { hasText: text }),
    theme,
    screenshot,
    console: () => lines,
    close,
    [Symbol.asyncDispose]: close,
  };
}
