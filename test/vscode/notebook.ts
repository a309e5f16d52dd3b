/** The notebook in the active editor: its cells, what they show, and its toolbar. */
import { errors, type FrameLocator, type Locator, type Page } from 'playwright-core';
import { click, momentMs, repeat, settlingMs } from './attempts.ts';
import { patience } from './patience.ts';

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
  /** By its name, as it is listed. */
  selectKernel(name: string): Promise<void>;
  /** Puts the cursor into a cell. */
  edit(index: number): Promise<void>;
  /** Keys for the notebook rather than a cell's text, which reach it only while its list has the focus. */
  press(...keys: string[]): Promise<void>;
  /** Waits until the cell's status is this. */
  waitForState(index: number, state: CellState, timeout?: number): Promise<void>;
};

const icons: Record<CellState, string> = {
  success: '.codicon-notebook-state-success',
  error: '.codicon-notebook-state-error',
  executing: '.codicon-notebook-state-executing',
  pending: '.codicon-notebook-state-pending',
};

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
    await click(editor.locator(`.notebook-toolbar-container .action-label[aria-label^="${name}"]`).first());
  }
  return {
    outputs,
    output: (text) => outputs.locator('.output', { hasText: text }),
    show: (target) => reveal(page, list, target),
    runCell: (index) =>
      onCell(index, async (row) => {
        await row.hover({ position: { x: 60, y: 10 }, timeout: momentMs });
        await click(row.locator('.run-button-container .action-label').first(), { timeout: momentMs });
      }),
    runAll: () => toolbar('Run All'),
    toolbar,
    kernel,
    selectKernel: (name) => selectKernel(page, kernel, name),
    async edit(index) {
      await onCell(index, (row) =>
        repeat(
          () => row.locator('.view-line').first().click({ timeout: momentMs }),
          () => row.locator('.monaco-editor.focused').waitFor({ timeout: momentMs }),
          settlingMs,
        ),
      );
    },
    async press(...keys) {
      for (const key of keys) {
        await list.and(page.locator(':focus')).waitFor();
        await page.keyboard.press(key);
      }
    },
    waitForState: (index, state, timeout) =>
      onCell(index, (row) => row.locator(icons[state]).first().waitFor({ timeout: momentMs }), timeout),
  };
}

/** VS Code offers kernels that were used before; the others are behind a row or two. The list is drawn anew as kernels are found. */
async function selectKernel(page: Page, kernel: Locator, name: string): Promise<void> {
  const widget = page.locator('.quick-input-widget:visible');
  const rows = widget.locator('.monaco-list-row');
  const wanted = rows.filter({ has: page.locator('.label-name').getByText(name, { exact: true }) }).first();
  const further = rows.filter({ hasText: /^(Select Another Kernel|Bine$)/ }).first();
  await repeat(
    async () => {
      if (!(await widget.isVisible())) await click(kernel, { timeout: settlingMs });
      for (;;) {
        await wanted.or(further).first().waitFor({ timeout: settlingMs });
        if (await wanted.isVisible()) break;
        await click(further, { timeout: momentMs });
      }
      await click(wanted, { timeout: momentMs });
    },
    () => kernel.filter({ hasText: name }).waitFor({ timeout: settlingMs }),
  );
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
    const box = (await target.count()) === 0 ? null : await target.boundingBox({ timeout: momentMs }).catch(() => null);
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
