/** The notebook in the active editor: its cells, what they show, and its toolbar. */
import { patience } from './patience.ts';
import { errors, type FrameLocator, type Locator, type Page } from 'playwright-core';

export type CellState = 'success' | 'error' | 'executing' | 'pending';

export type Notebook = {
  /** Where outputs are drawn: a webview, apart from the workbench's own page. */
  outputs: FrameLocator;
  /** Outputs that show this. */
  output(text: string | RegExp): Locator;
  /** Scrolls a cell's output, or another part of the notebook, into view. Cells outside the view are not in the page. */
  show(target: Locator): Promise<void>;
  runCell(index: number): Promise<void>;
  runAll(): Promise<void>;
  /** A button of the notebook's toolbar, by its name. */
  toolbar(name: string): Promise<void>;
  /** Where the toolbar says which kernel is selected. */
  kernel: Locator;
  selectKernel(name: string): Promise<void>;
  /** Waits until the cell's status is this. */
  waitForState(index: number, state: CellState, timeout?: number): Promise<void>;
};

const icons: Record<CellState, string> = {
  success: '.codicon-notebook-state-success',
  error: '.codicon-notebook-state-error',
  executing: '.codicon-notebook-state-executing',
  pending: '.codicon-notebook-state-pending',
};

/** Milliseconds for what a cell in view does at once. */
const moment = 1000;

export function createNotebook(page: Page): Notebook {
  const editor = page.locator('.notebookOverlay:visible');
  const outputs = editor.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
  const list = editor.locator('.cell-list-container > .monaco-list');
  const kernel = editor.locator('.kernel-action-view-item');

  const rowOf = (index: number) => list.locator(`.monaco-list-row[data-index="${index}"]`);

  /** Repeats it while it times out: outputs that are being drawn push a cell out of view, and out of the page. */
  async function onCell(index: number, act: (row: Locator) => Promise<void>, timeout = patience): Promise<void> {
    for (const deadline = Date.now() + timeout; ;) {
      await reveal(page, list, rowOf(index), index);
      try {
        return await act(rowOf(index));
      } catch (error) {
        if (!(error instanceof errors.TimeoutError) || Date.now() > deadline) throw error;
      }
    }
  }
  async function toolbar(name: string): Promise<void> {
    await editor.locator(`.notebook-toolbar-container .action-label[aria-label^="${name}"]`).first().click();
  }
  return {
    outputs,
    output: (text) => outputs.locator('.output', { hasText: text }),
    show: (target) => reveal(page, list, target),
    runCell: (index) =>
      onCell(index, async (row) => {
        await row.hover({ position: { x: 60, y: 10 }, timeout: moment });
        await row.locator('.run-button-container .action-label').first().click({ timeout: moment });
      }),
    runAll: () => toolbar('Run All'),
    toolbar,
    kernel,
    async selectKernel(name) {
      await kernel.click();
      const rows = page.locator('.quick-input-widget:visible .monaco-list-row');
      const wanted = rows.filter({ hasText: name }).first();
      // VS Code offers those used before; the others are behind this, by the extension that brings them.
      const further = rows.filter({ hasText: /^(Select Another Kernel|Bine$)/ }).first();
      for (;;) {
        await wanted.or(further).first().waitFor();
        if (await wanted.isVisible()) break;
        await further.click();
      }
      await wanted.click();
      await kernel.filter({ hasText: name }).waitFor();
    },
    waitForState: (index, state, timeout) =>
      onCell(index, (row) => row.locator(icons[state]).first().waitFor({ timeout: moment }), timeout),
  };
}

/**
 * Turns the mouse wheel until the target's head is in view, as a user does: what is far from it is not in the page.
 * A cell may be looked for by its index then; other targets are searched downwards.
 */
async function reveal(page: Page, list: Locator, target: Locator, index = Infinity): Promise<void> {
  const rows = list.locator('.monaco-list-row');
  await rows.first().waitFor({ state: 'attached' });
  let before: number | null = null;
  for (const deadline = Date.now() + patience; Date.now() < deadline;) {
    const view = (await list.boundingBox())!;
    const box = (await target.count()) === 0 ? null : await target.boundingBox({ timeout: moment }).catch(() => null);
    const head = box ? Math.min(box.height, view.height / 2) : 0;
    if (box && box.y >= view.y && box.y + head <= view.y + view.height) return;
    // Nothing moves any more: it is as far in view as it can be.
    if (box && box.y === before) return;
    before = box?.y ?? null;
    const first = Number(await rows.first().getAttribute('data-index'));
    const far = 0.8 * view.height * (first < index ? 1 : -1);
    // At the margin, where no output takes the wheel for itself.
    await page.mouse.move(view.x + 6, view.y + view.height / 2);
    await page.mouse.wheel(0, box ? box.y - view.y - 20 : far);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  }
  throw new errors.TimeoutError(`${String(target)} did not come into view in ${patience} ms.`);
}
